import type { AccountId } from '@quintet/domain'
import {
  type AccountState,
  activeDevice,
  assembleEntry,
  buildBody,
  type LogOperation,
  type LogSigner,
  signBody,
  type SignFn,
} from '@quintet/identity'
import type { Core } from '../core.ts'
import { ClientError } from '../error.ts'
import { appendEntry, freshState, maxDevicesOf, mustExtend } from './append-entry.ts'
import { signerOf } from './keyring.ts'
import { logFaultError, unlinkedError } from './log-fault-error.ts'
import { stateOf } from './directory.ts'

/** How often a change is made anew after another device's entry came first. */
const tries = 3

/** Who signs a change: this device, or the recovery kit whose words were typed. */
export type ChangeSigner = { readonly by: LogSigner; readonly sign: SignFn }

/** This device, by its log key. */
export function ownSigner(core: Core): ChangeSigner {
  return { by: core.mustOwn().device, sign: signerOf(core, 'log') }
}

/**
 * Changes the account's device log: the entry stands and was read back when this resolves.
 *
 * Whoever loses the race for a position looks again whether it is still entitled, and whether there is still something
 * to do: `still` answers false when the change has become needless.
 */
export async function changeLog(
  core: Core,
  account: AccountId,
  op: LogOperation,
  signer: ChangeSigner,
  still: (state: AccountState) => boolean = () => true,
): Promise<AccountState> {
  const by = signer.by === 'recovery' ? 'kit' : 'device'
  let state = await freshState(core, account)
  for (let attempt = 0; attempt < tries; attempt++) {
    if (state.closed) throw logFaultError('closed', by)
    if (signer.by !== 'recovery' && activeDevice(state, signer.by) === undefined) throw unlinkedError()
    if (!still(state)) return state
    const body = buildBody({ state, signer: signer.by, atMs: core.relayNow(), op })
    const entry = assembleEntry(body, await signBody(body, signer.sign))
    mustExtend(state, entry, by, maxDevicesOf(core))
    const outcome = await appendEntry(core, account, entry, by)
    state = stateOf(core, account) ?? state
    if (outcome === 'stands') return state
  }
  throw new ClientError('rate-limited', 'Your other devices are changing the account at the same moment. Try again.', {
    retryAfterS: 1,
  })
}
