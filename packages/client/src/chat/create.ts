import type { Suite } from '@quintet/crypto'
import { type AccountId, bytesOf, type ChatId, type DeviceId, parseChatBytes, sameBytes } from '@quintet/domain'
import { FailureCode } from '@quintet/wire'
import { must } from '../assert.ts'
import type { Core } from '../core.ts'
import { refresh } from '../device/directory.ts'
import { suiteFor } from '../device/statement.ts'
import { type TakenPackages, takeKeyPackages } from '../keypackage/take.ts'
import { decodePolicy, encodePolicy, type Policy } from '../policy/policy.ts'
import { ask } from '../relay/ask.ts'
import { clientErrorOf, isFailure } from '../relay/failure.ts'
import { ConnectionLost } from '../relay/link.ts'
import { blobOf } from '../store/row.ts'
import { aadBytes, keepPending, uploadOf } from './commit.ts'
import { directChatId } from './direct-chat-id.ts'
import { catchUp } from './fetch.ts'
import { join } from './join.ts'
import { enqueue } from './outbox.ts'
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

/** `first`: what is said in it first, kept together with it. */
export async function createGroup(core: Core, others: readonly AccountId[], first: FirstWords): Promise<ChatId> {
  const { account } = core.mustOwn()
  const chat = randomChat(core)
  await refresh(core, [account, ...others])
  const suite = suiteFor(core, [account, ...others])
  const members = new Map([[account, 'admin' as const], ...others.map((other) => [other, 'member' as const] as const)])
  await createChat(core, chat, { ...basePolicy(account, suite), kind: 'group', members }, first)
  return chat
}

type FirstWords = (chat: ChatId) => Parameters<typeof enqueue>[2]

function basePolicy(creator: AccountId, suite: Suite) {
  return { creator, suite, add: 'admins', editInfo: 'admins', generation: 0, predecessor: undefined } as const
}

function randomChat(core: Core): ChatId {
  return must(parseChatBytes(core.random.bytes(32)), '32 bytes are a chat id')
}

/** Makes a chat by its first commit, or joins it where somebody else's was first (C2). Outside the chat's `serial`. */
export async function createChat(core: Core, chat: ChatId, policy: Policy, first?: FirstWords): Promise<void> {
  await core.serial(chat, async () => {
    const record = chatRecord(core.db, chat)
    if (record !== undefined && record.state !== 'creating') return
    if (record === undefined) await build(core, chat, policy, first)
    await offer(core, chat)
  })
}

/** All listed devices of all members that have key packages are added in the first commit (C2, K3). */
async function build(core: Core, chat: ChatId, policy: Policy, words?: FirstWords): Promise<void> {
  const own = core.mustOwn()
  const adds: { readonly account: AccountId; readonly device: DeviceId; readonly bytes: Uint8Array }[] = []
  await refresh(core, [...policy.members.keys()])
  for (const account of policy.members.keys()) {
    const taken = await packagesOf(core, account, policy)
    adds.push(...taken.filter((one) => one.device !== own.device).map((one) => ({ account, ...one })))
  }
  const engine = core.engine()
  core.write(() => {
    addChat(core.db, chat, policy.kind, 'creating', Math.trunc(core.relayNow()))
    const first = encodePolicy(policy)
    engine.deleteGroup(bytesOf(chat))
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
    if (words !== undefined) enqueue(core, chat, words(chat), { content: false })
  })
}

/** None of somebody whom the relay has lost and who has not come back yet: they join by themselves then (K3, R9). */
async function packagesOf(core: Core, account: AccountId, policy: Policy): Promise<TakenPackages['packages']> {
  try {
    return (await takeKeyPackages(core, account, policy.suite)).packages
  } catch (error) {
    if (policy.predecessor !== undefined && clientErrorOf(error).code === 'unknown-handle') return []
    throw error
  }
}

/** Goes on where a crash or a lost connection cut the making of a chat off. Inside the chat's `serial`. */
export async function resumeCreate(core: Core, chat: ChatId): Promise<void> {
  await offer(core, chat)
}

async function offer(core: Core, chat: ChatId, again = true): Promise<void> {
  const row = must(
    core.db.get('select * from pending_commit where chat = ?', chat),
    'a chat that is made has its first commit',
  )
  const policy = blobOf(row, 'creates')
  try {
    await core.relay.call('createChat', { chat: bytesOf(chat), policy, commit: uploadOf(row) }, 'committed')
  } catch (error) {
    if (again && isFailure(error, FailureCode.NOT_ALLOWED)) {
      // One of the devices that it adds was unlinked since: made anew with those that there are.
      await build(core, chat, must(decodePolicy(policy), "a policy of one's own decodes"))
      return offer(core, chat, false)
    }
    if (error instanceof ConnectionLost || !isFailure(error, FailureCode.CHAT_EXISTS)) throw clientErrorOf(error)
    if (!(await isFirst(core, chat, blobOf(row, 'message')))) return giveWay(core, chat)
  }
  core.write(() => setChat(core.db, chat, { state: 'active' }))
  await catchUp(core, chat)
}

/** Whether the log begins with this commit: the answer to an earlier try may have been lost. */
async function isFirst(core: Core, chat: ChatId, commit: Uint8Array): Promise<boolean> {
  try {
    const { entries } = await ask(core, 'fetch', { chat: bytesOf(chat), after: 0n, limit: 1 }, 'fetched')
    return entries.some((entry) => entry.seq === 1n && sameBytes(entry.message, commit))
  } catch (error) {
    if (clientErrorOf(error).code === 'unknown-chat') return false
    throw error
  }
}

/** Somebody else's was first (C2): theirs is joined, one's own forgotten. */
async function giveWay(core: Core, chat: ChatId): Promise<void> {
  core.write(() => {
    core.engine().deleteGroup(bytesOf(chat))
    core.db.run('delete from pending_commit where chat = ?', chat)
    setChat(core.db, chat, { state: 'joining' })
  })
  await join(core, chat, true)
}
