import { type AccountId, type DeviceId, type DeviceKind, type Handle, parseHandle } from '@quintet/domain'
import {
  type AccountState,
  activeDevices,
  assembleEntry,
  authMessage,
  type DeviceIdentity,
  genesisBody,
  replayLog,
  signBody,
} from '@quintet/identity'
import {
  fromBinary,
  type LogEntry,
  LogEntrySchema,
  protocolVersion,
  type SignedStatement,
  toBinary,
} from '@quintet/wire'
import { must } from '../assert.ts'
import type { Core } from '../core.ts'
import { ClientError } from '../error.ts'
import { fillStock, firstBatch } from '../keypackage/stock.ts'
import { clientErrorOf } from '../relay/failure.ts'
import { ConnectionLost } from '../relay/link.ts'
import { mustBeName } from '../content/checked.ts'
import { nameDevice } from '../selfstate/device-name.ts'
import { setProfileName } from '../selfstate/profile.ts'
import { metaText, setMeta } from '../store/meta.ts'
import { setHandle } from './handle.ts'
import type { DeviceHooks } from './hooks.ts'
import { createKeys, signerOf } from './keyring.ts'
import { type Kit, kitFromSeed, newKit } from './kit.ts'
import { refreshKitBlob } from './kit-blob.ts'
import { stateStored, storeLog, storeStatement } from './log-store.ts'
import { writeOwn } from './own.ts'
import { becomePresent } from './presence.ts'
import { forgetSecret, readSecret, writeSecret } from './secret.ts'
import { makeStatement } from './statement.ts'

export interface SignUpInput {
  readonly handle: string
  readonly name?: string
  readonly deviceName?: string
  readonly kind?: DeviceKind
  readonly invite?: string
}

/** How often a sign-up is tried again when the connection breaks in the middle, and how long each waits, ms. */
const tries = 3
const onlineMs = 15_000

/**
 * Makes an account with this profile as its first device, and its recovery kit (D2, D8).
 *
 * What breaks in the middle, a crash included, is finished by calling it again with the same handle.
 * Fails with `profile-exists`, `handle-invalid`, `handle-taken`, `invite-needed`, `not-allowed`, `rate-limited`, `offline`.
 */
export async function signUp(
  core: Core,
  hooks: Pick<DeviceHooks, 'createSelfChat' | 'sendSelfOps' | 'bootstrapParts'>,
  input: SignUpInput,
): Promise<{ readonly account: AccountId; readonly device: DeviceId; readonly recovery: string }> {
  const handle = parseHandle(input.handle)
  if (handle === undefined)
    throw new ClientError(
      'handle-invalid',
      'A handle has 2 to 32 of the characters a-z, 0-9, dot, dash and underscore, and begins with a letter. A few words, such as self, are kept back.',
    )
  if (input.deviceName !== undefined) mustBeName(input.deviceName)
  if (input.name !== undefined && input.name !== '') mustBeName(input.name)
  const cutOff = unfinished(core, handle)
  if (cutOff === undefined) mustBeEmpty(core)
  await core.relay.online(onlineMs)
  const draft = cutOff ?? (await begin(core, handle, input.kind ?? 'phone'))
  if (core.own() === undefined) {
    const statement = await makeStatement(core, draft, 1n)
    await offer(core, draft, handle, statement, input.invite ?? '')
    stand(core, draft, handle, statement)
    await becomePresent(core)
  }
  await fillStock(core, firstBatch)
  await hooks.createSelfChat(core)
  const own = core.mustOwn()
  await hooks.sendSelfOps(core, () => [
    nameDevice(core.db, own, draft.device, input.deviceName ?? core.platformName),
    setProfileName(core.db, own, input.name ?? handle),
  ])
  await refreshKitBlob(core, hooks, 'now')
  forgetDraft(core)
  return { account: draft.account, device: draft.device, recovery: draft.kit.words }
}

/** A profile is one device of one account, for life. */
export function mustBeEmpty(core: Pick<Core, 'own'>): void {
  if (core.own() !== undefined)
    throw new ClientError(
      'profile-exists',
      'This profile belongs to an account already. Sign out first, or use another profile.',
    )
}

interface Draft {
  readonly account: AccountId
  readonly device: DeviceId
  readonly state: AccountState
  readonly genesis: LogEntry
  readonly kit: Kit
}

async function begin(core: Core, handle: Handle, kind: DeviceKind): Promise<Draft> {
  const identity = createKeys(core, kind)
  const kit = newKit(core.random)
  const genesis = await makeGenesis(core, identity, kit)
  core.write(() => {
    // Kept until this function has handed the words out, or a crash in between would leave an account without a kit.
    writeSecret(core.db, 'sign-up-kit', kit.seed)
    writeSecret(core.db, 'sign-up-genesis', toBinary(LogEntrySchema, genesis))
    setMeta(core.db, 'sign-up-handle', handle)
  })
  return draftOf(genesis, kit)
}

async function makeGenesis(core: Core, identity: DeviceIdentity, kit: Kit): Promise<LogEntry> {
  const body = genesisBody({ random: core.random.bytes(32), identity, recovery: kit.recovery, atMs: core.relayNow() })
  return assembleEntry(body, await signBody(body, signerOf(core, 'log')))
}

/** A sign-up that was cut off, with the same handle; with another one it is forgotten, with all that was made for it. */
function unfinished(core: Core, handle: Handle): Draft | undefined {
  const seed = readSecret(core.db, 'sign-up-kit')
  const genesis = readSecret(core.db, 'sign-up-genesis')
  if (seed === undefined || genesis === undefined || metaText(core.db, 'sign-up-handle') !== handle) return undefined
  return draftOf(fromBinary(LogEntrySchema, genesis), kitFromSeed(seed))
}

function draftOf(genesis: LogEntry, kit: Kit): Draft {
  const state = must(replayLog([genesis]).state, 'a genesis of our own making is valid')
  const record = must(activeDevices(state)[0], 'a genesis lists one device')
  return { account: state.account, device: record.device, state, genesis, kit }
}

async function offer(
  core: Core,
  draft: Draft,
  handle: Handle,
  statement: SignedStatement,
  invite: string,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { greeting } = core.relay
    try {
      if (greeting === undefined) throw new ConnectionLost('no greeting to answer')
      const { incarnation, challenge } = greeting
      const signature = await signerOf(
        core,
        'auth',
      )(authMessage({ incarnation, challenge, account: draft.account, device: draft.device }))
      await core.relay.call(
        'signUp',
        { protocol: protocolVersion, handle, genesis: draft.genesis, statement, invite, signature },
        'signedUp',
      )
      return
    } catch (error) {
      if (!(error instanceof ConnectionLost)) {
        forgetDraft(core)
        throw clientErrorOf(error)
      }
      if (attempt >= tries) throw clientErrorOf(error)
      await core.relay.online(onlineMs)
    }
  }
}

function forgetDraft(core: Core): void {
  core.write(() => {
    forgetSecret(core.db, 'sign-up-kit')
    forgetSecret(core.db, 'sign-up-genesis')
    setMeta(core.db, 'sign-up-handle', undefined)
  })
}

function stand(core: Core, draft: Draft, handle: Handle, statement: SignedStatement): void {
  const { account, device, state } = draft
  core.write(() => {
    writeOwn(core.db, { account, device, position: 0n })
    storeLog(core.db, state, [draft.genesis])
    storeStatement(core.db, { account, device, counter: 1n }, statement)
    setHandle(core.db, account, handle)
  })
  stateStored(core.db, state)
}
