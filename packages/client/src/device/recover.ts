import type { AccountId, DeviceId, DeviceKind } from '@quintet/domain'
import {
  activeDevices,
  type AccountState,
  assembleEntry,
  buildBody,
  type DeviceIdentity,
  signBody,
} from '@quintet/identity'
import { must } from '../assert.ts'
import type { Core } from '../core.ts'
import { ClientError } from '../error.ts'
import { fewAtFirst, fillStock } from '../keypackage/stock.ts'
import { recordFault } from '../store/fault.ts'
import { nameDevice } from '../selfstate/device-name.ts'
import { appendEntry, freshState, maxDevicesOf, mustExtend } from './append-entry.ts'
import { stateOf } from './directory.ts'
import { lookup } from './handle.ts'
import type { DeviceHooks } from './hooks.ts'
import { createKeys, signerOf } from './keyring.ts'
import { type Kit, mustBeKitOf, parseKit } from './kit.ts'
import { refreshKitBlob } from './kit-blob.ts'
import { mustBeName } from '../content/checked.ts'
import { logFaultError } from './log-fault-error.ts'
import { fetchKitBlob } from './open-kit-blob.ts'
import { isRecovering, setRecovering, writeOwn } from './own.ts'
import { becomePresent } from './presence.ts'
import { mustBeEmpty } from './sign-up.ts'
import { makeStatement } from './statement.ts'
import { nameOfDevice } from './view.ts'

const tries = 3
const onlineMs = 15_000

/**
 * Makes this profile a device of the account by its recovery kit (D8): added with the right to manage, at once.
 *
 * The account's other devices stay listed. Fails with `recovery-wrong`, `unknown-handle`, `account-full`, `account-closed`,
 * `profile-exists`, `offline`; nothing is changed then. What breaks after that, a crash included, is finished by calling
 * it again.
 */
export async function recover(
  core: Core,
  hooks: Pick<DeviceHooks, 'importBootstrap' | 'joinSelfChat' | 'sendSelfOps' | 'bootstrapParts'>,
  input: { readonly handle: string; readonly key: string; readonly name: string; readonly kind?: DeviceKind },
): Promise<{ readonly account: AccountId; readonly device: DeviceId }> {
  const isCutOff = isRecovering(core.db)
  if (!isCutOff) mustBeEmpty(core)
  mustBeName(input.name)
  const kit = parseKit(input.key)
  await core.relay.online(onlineMs)
  const { account } = await lookup(core, input.handle)
  const before = await freshState(core, account)
  if (before.closed) throw logFaultError('closed', 'kit')
  mustBeKitOf(kit, before)
  if (isCutOff && core.own()?.account !== account) mustBeEmpty(core)
  const state = isCutOff ? before : await becomeDevice(core, before, kit, input.kind ?? 'phone')
  const { device, position } = core.mustOwn()
  await becomePresent(core)
  await core.relay.online(onlineMs)
  await fillStock(core, fewAtFirst)
  const left = await fetchKitBlob(core, state, kit, position - 1n)
  core.write(() => {
    if (left !== undefined) hooks.importBootstrap(core, left.bootstrap)
    if (left === undefined || left.stale) recordFault(core.db, 'kit-blob-old', account, core.clock.now())
  })
  await hooks.joinSelfChat(core, { added: false })
  await hooks.sendSelfOps(core, () => [nameDevice(core.db, core.mustOwn(), device, input.name)])
  await refreshKitBlob(core, hooks, 'now')
  core.write(() => setRecovering(core.db, false))
  return { account, device }
}

/** From here on this profile is a device of the account, and what the kit keeps for it is still to be taken in. */
async function becomeDevice(core: Core, before: AccountState, kit: Kit, kind: DeviceKind): Promise<AccountState> {
  const { account } = before
  const identity = createKeys(core, kind)
  const state = await addByKit(core, before, kit, identity)
  const record = must(state.devices.get(identity.device), 'the entry that stands adds this device')
  core.write(() => {
    writeOwn(core.db, { account, device: identity.device, position: record.addedAt })
    setRecovering(core.db, true)
  })
  return state
}

/** The kit signs the entry, the new device countersigns it; anew when another entry came first. */
async function addByKit(core: Core, before: AccountState, kit: Kit, identity: DeviceIdentity): Promise<AccountState> {
  const { account } = before
  let state = before
  for (let attempt = 0; attempt < tries; attempt++) {
    mustBeKitOf(kit, state)
    const body = buildBody({
      state,
      signer: 'recovery',
      atMs: core.relayNow(),
      op: { kind: 'add', identity, manageClaim: false },
    })
    const entry = assembleEntry(body, await signBody(body, kit.sign), await signBody(body, signerOf(core, 'log')))
    try {
      mustExtend(state, entry, 'kit', maxDevicesOf(core))
      const statement = await makeStatement(core, { account, device: identity.device }, 1n)
      const outcome = await appendEntry(core, account, entry, 'kit', statement)
      state = stateOf(core, account) ?? state
      if (outcome === 'stands') return state
    } catch (error) {
      throw error instanceof ClientError && error.code === 'account-full' ? fullError(core, state) : error
    }
  }
  throw new ClientError('rate-limited', 'The devices of this account are changing at the same moment. Try again.', {
    retryAfterS: 1,
  })
}

/** Their names are private, and not known here: they go by their kind. */
function fullError(core: Core, state: AccountState): ClientError {
  const devices = activeDevices(state).map((record) => ({
    device: record.device,
    name: nameOfDevice(core, record),
    lastSeen: undefined,
  }))
  return new ClientError(
    'account-full',
    'This account has all the devices that it can have. Unlink one of them from another of its devices first.',
    { devices },
  )
}
