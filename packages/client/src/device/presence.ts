import { encodeCredential } from '@quintet/domain'
import type { Core } from '../core.ts'
import { mlsKeyOf, signerOf } from './keyring.ts'
import { readOwn } from './own.ts'

/** Signature key and credential of this device for the MLS engine (C3); undefined before there is an account. */
export function engineIdentity(
  core: Pick<Core, 'db'>,
): { readonly signatureKey: Uint8Array; readonly credential: Uint8Array } | undefined {
  const own = readOwn(core.db)
  const signatureKey = mlsKeyOf(core.db)
  return own === undefined || signatureKey === undefined
    ? undefined
    : { signatureKey, credential: encodeCredential(own) }
}

/** Tells the relay link, at every start of a profile that has an account, who connects. */
export async function presentToRelay(core: Core): Promise<void> {
  const own = readOwn(core.db)
  if (own !== undefined)
    await core.relay.useIdentity({ account: own.account, device: own.device, sign: signerOf(core, 'auth') })
}

/** This profile has just become a device: engine and relay are told. */
export async function becomePresent(core: Core): Promise<void> {
  const identity = engineIdentity(core)
  if (identity !== undefined) core.engine().useIdentity(identity.signatureKey, identity.credential)
  await presentToRelay(core)
}
