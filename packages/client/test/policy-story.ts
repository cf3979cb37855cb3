import { sha256 } from '@noble/hashes/sha2.js'
import type { AddedLeaf, Leaf, StagedCommitView } from '@quintet/crypto'
import {
  type AccountId,
  asciiBytes,
  bytesOf,
  concatBytes,
  type DeviceId,
  encodeCredential,
  parseAccountBytes,
  parseChatBytes,
  parseDeviceBytes,
} from '@quintet/domain'
import {
  type AccountState,
  type DeviceRecord,
  ed25519PublicKey,
  ed25519Sign,
  leaveIntentHash,
  type LogHead,
  shortHead,
} from '@quintet/identity'
import {
  CommitAadSchema,
  create,
  LeaveIntentSchema,
  type SignedLeaveIntent,
  SignedLeaveIntentSchema,
  toBinary,
} from '@quintet/wire'
import type { CommitInput } from '../src/policy/commit-case.ts'
import { encodePolicy, type Policy, type Role } from '../src/policy/policy.ts'

/** When every commit of a story is made: ms. */
export const atMs = 1_800_000_000_000
const day = 24 * 60 * 60 * 1000
const seed = (name: string) => sha256(asciiBytes(name))

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the story names what there is not')
  return value
}

export const chat = present(parseChatBytes(seed('chat')))

/** A device of a story: the name of its account, a slash, its own. */
export type DeviceName = `${string}/${string}`
const secretOf = (name: DeviceName) => seed(`${name} log`)
export const deviceId = (name: DeviceName): DeviceId => present(parseDeviceBytes(seed(`${name} id`).subarray(0, 16)))
export const accountId = (name: string): AccountId => present(parseAccountBytes(seed(`${name} account`)))

/** A device as its log has it; `removedMs`: how long after the commit it was removed, negative = before. */
export interface Listed {
  readonly name: string
  readonly removedMs?: number
}

/** An account whose log lists these devices, each added at the position at which it stands here. */
export function account(name: string, devices: readonly Listed[], closedMs?: number): AccountState {
  const records = devices.map(({ name: own, removedMs }, at): DeviceRecord => {
    const full: DeviceName = `${name}/${own}`
    return {
      device: deviceId(full),
      kind: 'phone',
      logKey: ed25519PublicKey(secretOf(full)),
      mlsKey: mlsKey(full),
      authKey: seed(`${full} auth`),
      sealKey: new Uint8Array(1216),
      addedAt: BigInt(at),
      addedAtMs: atMs - 30 * day,
      addedBy: 'genesis',
      manage: true,
      manageClaim: false,
      removedAt: removedMs === undefined ? undefined : BigInt(devices.length),
      removedAtMs: removedMs === undefined ? undefined : atMs + removedMs,
    }
  })
  return {
    account: accountId(name),
    head: { position: BigInt(devices.length), hash: seed(`${name} head`) },
    headAtMs: atMs + (closedMs ?? -20 * day),
    devices: new Map(records.map((record) => [record.device, record])),
    main: undefined,
    recovery: undefined,
    closed: closedMs !== undefined,
  }
}

const mlsKey = (name: DeviceName) => seed(`${name} mls`)

/** The leaf of a device; `position` is that of its add. */
export function leafOf(name: DeviceName, index: number, position = 0n): Leaf {
  const credential = encodeCredential({
    account: accountId(name.split('/')[0] ?? ''),
    device: deviceId(name),
    position,
  })
  return { index, credential, signatureKey: mlsKey(name) }
}

/** Its key package, fresh. */
export function packageOf(name: DeviceName, position = 0n): AddedLeaf {
  const now = BigInt(atMs / 1000)
  const { credential, signatureKey } = leafOf(name, 0, position)
  return { credential, signatureKey, notBefore: now - 86_400n, notAfter: now + 83n * 86_400n }
}

export function group(members: Readonly<Record<string, Role>>, more: Partial<Policy> = {}): Policy {
  return {
    kind: 'group',
    creator: accountId('alice'),
    suite: 'hybrid',
    members: new Map(Object.entries(members).map(([name, role]) => [accountId(name), role])),
    add: 'admins',
    editInfo: 'admins',
    generation: 0,
    predecessor: undefined,
    ...more,
  }
}

/** The policy with another line, or with one less (`undefined`). */
export function withMember(policy: Policy, name: string, role: Role | undefined): Policy {
  const members = new Map(policy.members)
  if (role === undefined) members.delete(accountId(name))
  else members.set(accountId(name), role)
  return { ...policy, members }
}

/** "This account leaves", signed by a device. */
export function intent(
  device: DeviceName,
  more: { readonly by?: DeviceName; readonly chat?: Uint8Array } = {},
): SignedLeaveIntent {
  const fields = {
    chat: more.chat ?? bytesOf(chat),
    account: bytesOf(accountId(device.split('/')[0] ?? '')),
    device: bytesOf(deviceId(device)),
    nonce: seed('nonce').slice(0, 16),
  }
  const bytes = toBinary(LeaveIntentSchema, create(LeaveIntentSchema, fields))
  const signature = ed25519Sign(concatBytes(asciiBytes('quintet/leave/v1\0'), bytes), secretOf(more.by ?? device))
  return create(SignedLeaveIntentSchema, { intent: bytes, signature })
}

/** What stands beside a commit, where it is not what the commit does. */
interface AadTwist {
  readonly adds?: { account: Uint8Array; device: Uint8Array }[]
  readonly removes?: { account: Uint8Array; device: Uint8Array }[]
  readonly head?: LogHead | undefined
  readonly intents?: Uint8Array[]
  readonly heads?: { account: Uint8Array; head: LogHead }[]
  readonly idle?: Uint8Array[]
}

/** A commit told by what it does; everything else about it is as an honest engine would have it. */
export interface CommitStory {
  readonly by: Leaf
  readonly leaves: readonly Leaf[]
  readonly accounts: readonly AccountState[]
  readonly policy: Policy
  readonly after?: Policy
  readonly adds?: readonly AddedLeaf[]
  readonly removes?: readonly Leaf[]
  readonly intents?: readonly SignedLeaveIntent[]
  readonly external?: boolean
  readonly aad?: AadTwist
  readonly rawAad?: Uint8Array
  readonly view?: Partial<StagedCommitView>
  readonly input?: Partial<Pick<CommitInput, 'spentIntents' | 'atMs'>>
}

const rosterOf = ({ credential }: { readonly credential: Uint8Array }) => ({
  account: credential.subarray(0, 32),
  device: credential.subarray(32, 48),
})

const unknownHead: LogHead = { position: 1n, hash: new Uint8Array(8) }

export function commit(story: CommitStory): CommitInput {
  const { by, leaves, accounts, policy, adds = [], removes = [], intents = [], external = false } = story
  const own = accounts.find((state) => rosterOf(by).account.every((byte, at) => byte === bytesOf(state.account)[at]))
  const { head, ...twist } = { head: own ? shortHead(own.head) : unknownHead, ...story.aad }
  const aad = create(CommitAadSchema, {
    commitId: seed('commit').slice(0, 16),
    adds: (external ? [by] : adds).map(rosterOf),
    removes: removes.map(rosterOf),
    intents: intents.map(leaveIntentHash),
    leaves: [...intents],
    ...(head && { head }),
    ...twist,
  })
  const view: StagedCommitView = {
    committer: by,
    external,
    aad: story.rawAad ?? toBinary(CommitAadSchema, aad),
    epoch: 8n,
    adds,
    removes,
    path: { credential: by.credential, signatureKey: by.signatureKey },
    policyBefore: encodePolicy(policy),
    policyAfter: encodePolicy(story.after ?? policy),
    unlisted: [],
    removesSelf: false,
    ...story.view,
  }
  const known = new Map(accounts.map((state) => [state.account, state]))
  return { chat, leaves, commit: view, accounts: known, atMs, ...story.input }
}
