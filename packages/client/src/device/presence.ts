import { encodeCredential, hexOf } from '@quintet/domain'
import { parseLogBody } from '@quintet/identity'
import type { Core, Own } from '../core.ts'
import type { ComeBack } from '../relay/link.ts'
import { metaText } from '../store/meta.ts'
import { handleOf } from './handle.ts'
import { storedEntries, storedStatement } from './log-store.ts'
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
    await core.relay.useIdentity({
      account: own.account,
      device: own.device,
      sign: signerOf(core, 'auth'),
      comeBack: (incarnation) => comeBackOf(core, own, incarnation),
    })
}

/** The first device brings an account back that was made after the backup which the relay was restored from (R9). */
function comeBackOf(core: Pick<Core, 'db'>, own: Own, incarnation: Uint8Array): ComeBack | undefined {
  const known = metaText(core.db, 'incarnation')
  const handle = handleOf(core, own.account)
  const [genesis] = storedEntries(core.db, own.account)
  const body = genesis && parseLogBody(genesis.body)
  if (known === undefined || known === hexOf(incarnation) || handle === undefined) return undefined
  if (genesis === undefined || body === undefined || 'fault' in body) return undefined
  const { operation } = body
  if (operation.kind !== 'create' || operation.identity.device !== own.device) return undefined
  const statement = storedStatement(core.db, own.account, own.device)
  return { handle, genesis, ...(statement && { statement }) }
}

/** This profile has just become a device: engine and relay are told. */
export async function becomePresent(core: Core): Promise<void> {
  const identity = engineIdentity(core)
  if (identity !== undefined) core.engine().useIdentity(identity.signatureKey, identity.credential)
  await presentToRelay(core)
}
