import type { Suite } from '@quintet/crypto'
import { type AccountId, bytesOf, type ChatId, type DeviceId, parseChatBytes } from '@quintet/domain'
import { FailureCode } from '@quintet/wire'
import { must } from '../assert.ts'
import type { Core } from '../core.ts'
import { refresh } from '../device/directory.ts'
import { suiteFor } from '../device/statement.ts'
import { takeKeyPackages } from '../keypackage/take.ts'
import { encodePolicy, type Policy } from '../policy/policy.ts'
import { clientErrorOf, isFailure } from '../relay/failure.ts'
import { ConnectionLost } from '../relay/link.ts'
import { blobOf } from '../store/row.ts'
import { aadBytes, keepPending, uploadOf } from './commit.ts'
import { directChatId } from './direct-chat-id.ts'
import { catchUp } from './fetch.ts'
import { join } from './join.ts'
import { addChat, chatRecord, chatRecords, keepPolicy, setChat } from './record.ts'

/** Makes the self chat, once; a sign-up that was cut off finds the one it made. */
export async function createSelfChat(core: Core): Promise<ChatId> {
  const known = chatRecords(core.db).find((record) => record.kind === 'self' && record.state !== 'succeeded')
  const chat = known?.chat ?? randomChat(core)
  const { account } = core.mustOwn()
  await createChat(core, chat, {
    ...basePolicy(account, 'hybrid'),
    kind: 'self',
    members: new Map([[account, 'admin']]),
  })
  return chat
}

/** The chat of two people: made at the first message, joined where the other side was first. */
export async function ensureDirect(core: Core, peer: AccountId): Promise<ChatId> {
  const { account } = core.mustOwn()
  const chat = directChatId(account, peer)
  const members = new Map([
    [account, 'member'],
    [peer, 'member'],
  ] as const)
  await createChat(core, chat, { ...basePolicy(account, 'hybrid'), kind: 'direct', members })
  return chat
}

export async function createGroup(core: Core, others: readonly AccountId[]): Promise<ChatId> {
  const { account } = core.mustOwn()
  const chat = randomChat(core)
  await refresh(core, [account, ...others])
  const suite = suiteFor(core, [account, ...others])
  const members = new Map([[account, 'admin' as const], ...others.map((other) => [other, 'member' as const] as const)])
  await createChat(core, chat, { ...basePolicy(account, suite), kind: 'group', members })
  return chat
}

function basePolicy(creator: AccountId, suite: Suite) {
  return { creator, suite, add: 'admins', editInfo: 'admins', generation: 0, predecessor: undefined } as const
}

function randomChat(core: Core): ChatId {
  return must(parseChatBytes(core.random.bytes(32)), '32 bytes are a chat id')
}

/** Makes a chat by its first commit, or joins it where somebody else's was first (C2). Outside the chat's `serial`. */
export async function createChat(core: Core, chat: ChatId, policy: Policy): Promise<void> {
  await core.serial(chat, async () => {
    const record = chatRecord(core.db, chat)
    if (record !== undefined && record.state !== 'creating') return
    if (record === undefined) await build(core, chat, policy)
    await offer(core, chat)
  })
}

/** All listed devices of all members that have key packages are added in the first commit (C2, K3). */
async function build(core: Core, chat: ChatId, policy: Policy): Promise<void> {
  const own = core.mustOwn()
  const adds: { readonly account: AccountId; readonly device: DeviceId; readonly bytes: Uint8Array }[] = []
  await refresh(core, [...policy.members.keys()])
  for (const account of policy.members.keys()) {
    const taken = await takeKeyPackages(core, account, policy.suite)
    adds.push(...taken.packages.filter((one) => one.device !== own.device).map((one) => ({ account, ...one })))
  }
  const engine = core.engine()
  core.write(() => {
    addChat(core.db, chat, policy.kind, 'creating', Math.trunc(core.relayNow()))
    const first = encodePolicy(policy)
    engine.createGroup(bytesOf(chat), policy.suite, first)
    const id = core.random.bytes(16)
    const roster = adds.map((add) => ({ account: bytesOf(add.account), device: bytesOf(add.device) }))
    const commit = engine.commit(bytesOf(chat), {
      addKeyPackages: adds.map((add) => add.bytes),
      removeLeaves: [],
      policy: undefined,
      aad: aadBytes(core, { commitId: id, adds: roster }),
    })
    keepPending(core, chat, id, 0, commit, { creates: first })
    keepPolicy(core.db, own.account, chat, first, 0)
  })
}

/** Goes on where a crash or a lost connection cut the making of a chat off. Inside the chat's `serial`. */
export async function resumeCreate(core: Core, chat: ChatId): Promise<void> {
  await offer(core, chat)
}

async function offer(core: Core, chat: ChatId): Promise<void> {
  const row = must(
    core.db.get('select * from pending_commit where chat = ?', chat),
    'a chat that is made has its first commit',
  )
  try {
    await core.relay.call(
      'createChat',
      { chat: bytesOf(chat), policy: blobOf(row, 'creates'), commit: uploadOf(row) },
      'committed',
    )
  } catch (error) {
    if (error instanceof ConnectionLost || !isFailure(error, FailureCode.CHAT_EXISTS)) throw clientErrorOf(error)
  }
  core.write(() => setChat(core.db, chat, { state: 'active' }))
  try {
    await catchUp(core, chat)
  } catch (error) {
    if (clientErrorOf(error).code === 'offline') throw error
  }
  if (core.db.get('select 1 as one from pending_commit where chat = ?', chat) === undefined) return
  // Somebody else's was first (C2): theirs is joined, one's own forgotten.
  core.write(() => {
    core.engine().deleteGroup(bytesOf(chat))
    core.db.run('delete from pending_commit where chat = ?', chat)
    core.db.run('delete from gap where chat = ?', chat)
    core.db.run('delete from log_hash where chat = ?', chat)
    setChat(core.db, chat, { state: 'joining', cursor: 0, epoch: 0 })
  })
  await join(core, chat, true)
}
