import { type DeviceId, type Handle, parseHandle } from '@quintet/domain'
import {
  type AccountState,
  activeDevices,
  decodeStatement,
  extendLog,
  verifyAuth,
  verifyStatement,
} from '@quintet/identity'
import {
  FailureCode,
  type LogEntry,
  LogEntrySchema,
  protocolVersion,
  type SignedStatement,
  SignedStatementSchema,
  type SignUp,
  toBinary,
} from '@quintet/wire'
import { type Answer, malformed, notAllowed, rateLimited, refusalOf, refuse } from '../answer.ts'
import { present } from '../assert.ts'
import { StoreError } from '../ports/store.ts'
import { isFromBefore } from '../coming-back.ts'
import type { RelayCore } from '../relay-core.ts'
import { type Entrance, incompatible, signedUp } from './authenticate.ts'

export const handleInvalid: Answer = refuse(
  FailureCode.HANDLE_INVALID,
  'A handle is 2 to 32 of a-z 0-9 . _ - and begins with a letter.',
)
export const handleTaken: Answer = refuse(FailureCode.HANDLE_TAKEN, 'That handle is taken.')

/** Makes an account and lets its first device in. The same sign-up again answers the same. */
export async function signUp(core: RelayCore, challenge: Uint8Array, address: string, call: SignUp): Promise<Entrance> {
  if (call.protocol !== protocolVersion) return { refusal: incompatible }
  const handle = parseHandle(call.handle)
  if (handle === undefined) return { refusal: handleInvalid }
  if (call.genesis === undefined) return { refusal: malformed('The first log entry') }
  // Before the signatures are checked, which is what costs.
  const wait = core.limits.take('signUpsPerAddress', address)
  if (wait !== undefined) return { refusal: rateLimited(wait) }
  const genesis = extendLog(undefined, call.genesis, { verify: core.verify })
  if (!genesis.ok)
    return { refusal: refuse(FailureCode.LOG_FAULT, 'The log entry is not valid.', { fault: genesis.fault.kind }) }
  const { state } = genesis
  const device = present(activeDevices(state)[0], 'a genesis lists one device')
  const caller = { account: state.account, device: device.device }
  const { incarnation } = core
  if (!verifyAuth(device.authKey, { incarnation, challenge, ...caller }, call.signature, core.verify)) {
    return { refusal: refuse(FailureCode.UNAUTHENTICATED, 'That is not the key of this device.') }
  }
  if (call.statement && !isStatementOf(call.statement, state, device.device, device.logKey)) {
    return { refusal: malformed('The statement') }
  }
  const known = await core.accounts.get(state.account)
  if (known) {
    core.limits.giveBack('signUpsPerAddress', address)
    return known.handle === handle ? signedUp(caller) : { refusal: handleTaken }
  }
  if (isOff(core, state.headAtMs) && !isFromBefore(core, state.headAtMs)) return { refusal: clockRefusal }
  const refusal = await admit(core, call, handle, state, device.device, call.genesis)
  return refusal ? { refusal } : signedUp(caller)
}

export const clockRefusal: Answer = refuse(
  FailureCode.LOG_FAULT,
  "This device's clock is more than an hour off the relay's.",
  { fault: 'clock' },
)

/** The relay takes an entry within an hour of its own clock (devlog.proto). */
export function isOff(core: RelayCore, atMs: number): boolean {
  return Math.abs(atMs - core.runtime.clock.now()) > core.policy().clockSkewMs
}

export function isStatementOf(
  signed: SignedStatement,
  state: Pick<AccountState, 'account'>,
  device: DeviceId,
  logKey: Uint8Array,
): boolean {
  const statement = decodeStatement(signed.statement)
  return statement?.account === state.account && statement.device === device && verifyStatement(signed, logKey)
}

/** Uses an invite where one is asked for, takes the handle, keeps the account; undoes what it took when that fails. */
async function admit(
  core: RelayCore,
  call: SignUp,
  handle: Handle,
  state: AccountState,
  device: DeviceId,
  genesis: LogEntry,
): Promise<Answer | undefined> {
  const now = core.runtime.clock.now()
  const { signUp: policy } = core.policy()
  if (policy === 'closed') return refuse(FailureCode.SIGN_UP_CLOSED, 'This relay takes no new accounts.')
  const { invites, handles, accounts } = core.store
  if (policy === 'invite') {
    const used = await tried(invites.use(call.invite, now))
    if (used) return used.code === 'conflict' ? inviteInvalid : refusalOf(used)
  }
  const giveBack = async (): Promise<void> => {
    if (policy === 'invite') await tried(invites.giveBack(call.invite))
  }
  const claimed = await tried(handles.claim(handle, state.account, now))
  if (claimed) {
    await giveBack()
    return claimed.code === 'conflict' ? handleTaken : refusalOf(claimed)
  }
  const entry = toBinary(LogEntrySchema, genesis)
  const statement = call.statement && toBinary(SignedStatementSchema, call.statement)
  const row = { account: state.account, device, handle, entry, headHash: state.head.hash, statement, atMs: now }
  const created = await tried(accounts.create(row))
  if (!created) {
    core.accounts.put(state.account, { state, handle, suspended: false, takenAtMs: [now] })
    return undefined
  }
  await tried(handles.release(handle, state.account, now))
  await giveBack()
  return created.code === 'conflict' ? notAllowed('That account is there already.') : refusalOf(created)
}

const inviteInvalid: Answer = refuse(
  FailureCode.INVITE_INVALID,
  'This relay asks for an invite, and that one does not count.',
)

/** The store's refusal, if it refused. */
export async function tried(write: Promise<unknown>): Promise<StoreError | undefined> {
  try {
    await write
    return undefined
  } catch (error) {
    if (error instanceof StoreError) return error
    throw error
  }
}
