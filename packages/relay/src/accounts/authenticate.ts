import { bytesOf, type DeviceId, parseAccountBytes, parseDeviceBytes } from '@quintet/domain'
import { activeDevice, verifyAuth } from '@quintet/identity'
import { type Authenticate, FailureCode, protocolVersion } from '@quintet/wire'
import { type Answer, malformed, rateLimited, refuse } from '../answer.ts'
import type { Caller, RelayCore } from '../relay-core.ts'
import type { LiveAccount } from './live-account.ts'

export type Entrance = { readonly caller: Caller; readonly answer: Answer } | { readonly refusal: Answer }

export const incompatible: Answer = refuse(
  FailureCode.INCOMPATIBLE,
  'This relay speaks another version of the protocol.',
)
const unauthenticated: Answer = refuse(FailureCode.UNAUTHENTICATED, 'That is not the key of this device.')
export const closedAccount: Answer = refuse(FailureCode.ACCOUNT_CLOSED, 'This account has been deleted.')
const unlinked: Answer = refuse(FailureCode.UNLINKED, 'This device is no longer part of its account.')

export const unknownAccount: Answer = refuse(FailureCode.UNKNOWN_ACCOUNT, 'This relay does not know that account.')
export const suspendedAccount: Answer = refuse(FailureCode.SUSPENDED, "The relay's owner has suspended this account.")

/** Lets a device in that signs this connection's challenge with its key in the log. */
export async function authenticate(core: RelayCore, challenge: Uint8Array, call: Authenticate): Promise<Entrance> {
  if (call.protocol !== protocolVersion) return { refusal: incompatible }
  const account = parseAccountBytes(call.account)
  const device = parseDeviceBytes(call.device)
  if (account === undefined || device === undefined) return { refusal: malformed('The account or device') }
  // Before the signature is checked, which is what costs.
  const wait = core.limits.isShutOut(device)
  if (wait !== undefined) return { refusal: rateLimited(wait) }
  const live = await core.accounts.get(account)
  if (live === undefined) return { refusal: unknownAccount }
  const record = live.state.devices.get(device)
  if (record === undefined) return { refusal: unauthenticated }
  const { incarnation } = core
  if (!verifyAuth(record.authKey, { incarnation, challenge, account, device }, call.signature, core.verify)) {
    return { refusal: unauthenticated }
  }
  const refusal = shutOut(live, device)
  if (refusal) return { refusal }
  return { caller: { account, device }, answer: { case: 'authenticated', value: authenticatedOf(live) } }
}

function shutOut({ state, suspended }: LiveAccount, device: DeviceId): Answer | undefined {
  if (state.closed) return closedAccount
  if (activeDevice(state, device) === undefined) return unlinked
  return suspended ? suspendedAccount : undefined
}

/**
 * Why a device that was let in is out again, by what is in memory at this very moment. Asked before anything is done
 * that waited since the device was last known to be in: its removal may have come meanwhile (R1).
 */
export function shutOutMeanwhile(core: RelayCore, caller: Caller): Answer | undefined {
  const live = core.accounts.peek(caller.account)
  return live && shutOut(live, caller.device)
}

function authenticatedOf({ state, handle }: LiveAccount) {
  return { logHeadPosition: state.head.position, logHeadHash: state.head.hash, handle: handle ?? '' }
}

/** The `signed up` answer carries the account only. */
export function signedUp(caller: Caller): Entrance {
  return { caller, answer: { case: 'signedUp', value: { account: bytesOf(caller.account) } } }
}
