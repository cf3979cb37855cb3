import { bytesOf, type AccountId, type ChatId, type DeviceId, parseCredential } from '@quintet/domain'
import {
  type CommitAadSchema,
  FailureCode,
  HeadSchema,
  type MessageInitShape,
  type SignedLeaveIntent,
  toBinary,
  create,
  CommitAadSchema as schema,
} from '@quintet/wire'
import type { GroupView, OwnCommit } from '@quintet/crypto'
import { leaveIntentHash, shortHead } from '@quintet/identity'
import type { Core } from '../core.ts'
import { ClientError } from '../error.ts'
import { stateOf } from '../device/directory.ts'
import { encodePolicy, type Policy } from '../policy/policy.ts'
import { isFailure, clientErrorOf } from '../relay/failure.ts'
import { blobOf, numberOf } from '../store/row.ts'
import { forgetIdle } from './dormant.ts'
import { catchUp } from './fetch.ts'
import { noteEpochGone, type Stand } from './left-behind.ts'
import { chatRecord } from './record.ts'
import { groupView } from './repair.ts'
import { hearStanding } from './standing.ts'
import { dropPending } from './take-commit.ts'

/** What a commit shall do, planned on the newest tree. */
export interface Wish {
  readonly adds: readonly { readonly account: AccountId; readonly device: DeviceId; readonly bytes: Uint8Array }[]
  readonly removes: readonly number[]
  readonly policy?: Policy | undefined
  readonly intents?: readonly SignedLeaveIntent[]
  /** Devices among the removed that the relay says have long been away (C11). */
  readonly idle?: readonly DeviceId[]
}

const tries = 8
const openPending = 'select * from pending_commit where chat = ? and scratch = 0 and creates is null'

/**
 * Commits what `plan` wishes and returns when the commit stands in the log and is merged (C9).
 *
 * Another commit may come first: then its entries are taken in and the wish is planned anew. `plan` answers undefined
 * when nothing is left to do. Call it inside the chat's `serial`.
 */
export async function commit(
  core: Core,
  chat: ChatId,
  plan: (view: GroupView) => Promise<Wish | undefined> | Wish | undefined,
): Promise<void> {
  for (let attempt = 1; attempt <= tries; attempt++) {
    mustBeActive(core, chat)
    // One that a lost connection or a crash left open: whether it stands has to be known first.
    if (core.db.get(openPending, chat) !== undefined) {
      await sendPending(core, chat)
      continue
    }
    const view = groupView(core, chat)
    const wish = await plan(view)
    if (wish === undefined) return
    build(core, chat, view, wish)
    if (await sendPending(core, chat)) return
  }
  throw new ClientError('rate-limited', 'Many devices change this chat at the same time. Try again in a moment.', {
    retryAfterS: 2,
  })
}

function mustBeActive(core: Core, chat: ChatId): void {
  if (chatRecord(core.db, chat)?.state !== 'active')
    throw new ClientError('held', 'Nothing can be changed in this chat now. Run `sync` and look at its state.')
}

/** Pending commit and its row stand in one transaction, before anything is sent. */
function build(core: Core, chat: ChatId, view: GroupView, wish: Wish): void {
  const engine = core.engine()
  const group = bytesOf(chat)
  core.write(() => {
    if (engine.hasPending(group)) dropPending(core, { chat })
    const id = core.random.bytes(16)
    const own = engine.commit(group, {
      addKeyPackages: wish.adds.map((add) => add.bytes),
      removeLeaves: wish.removes,
      policy: wish.policy && encodePolicy(wish.policy),
      aad: encodeAad(core, id, view, wish),
    })
    keepPending(core, chat, id, Number(view.epoch), own)
  })
}

function encodeAad(core: Core, id: Uint8Array, view: GroupView, wish: Wish): Uint8Array {
  const removes = wish.removes.flatMap((index) => {
    const leaf = view.leaves.find((one) => one.index === index)
    const who = leaf && parseCredential(leaf.credential)
    return who === undefined ? [] : [{ account: bytesOf(who.account), device: bytesOf(who.device) }]
  })
  const added = [...new Set(wish.adds.map((add) => add.account))]
  return aadBytes(core, {
    commitId: id,
    adds: wish.adds.map((add) => ({ account: bytesOf(add.account), device: bytesOf(add.device) })),
    removes,
    heads: added.flatMap((account) => {
      const state = stateOf(core, account)
      return state === undefined ? [] : [{ account: bytesOf(account), head: shortHead(state.head) }]
    }),
    intents: (wish.intents ?? []).map(leaveIntentHash),
    leaves: [...(wish.intents ?? [])],
    idle: (wish.idle ?? []).map(bytesOf),
  })
}

/** The authenticated data of a commit, with this device's view of its own account (D10). */
export function aadBytes(core: Core, init: MessageInitShape<typeof CommitAadSchema>): Uint8Array {
  const state = stateOf(core, core.mustOwn().account)
  const aad = create(schema, init)
  if (state !== undefined) aad.head = create(HeadSchema, shortHead(state.head))
  return toBinary(schema, aad)
}

/** `joins`: it is an external commit of one's own, and the word says why sends are held once it stands. */
export function keepPending(
  core: Core,
  chat: ChatId,
  id: Uint8Array,
  epoch: number,
  own: OwnCommit,
  more: { readonly joins?: string; readonly creates?: Uint8Array } = {},
): void {
  core.db.run(
    'insert or replace into pending_commit (chat, commit_id, epoch, scratch, creates, message, group_info, welcome, purpose) values (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    chat,
    id,
    epoch,
    more.joins === undefined ? 0 : 1,
    more.creates ?? null,
    own.commit,
    own.groupInfo,
    own.welcome ?? null,
    more.joins ?? (more.creates === undefined ? 'commit' : 'create'),
  )
}

/** What the relay is given of a pending commit. */
export function uploadOf(row: Parameters<typeof blobOf>[0]) {
  const welcome = row['welcome'] === null ? new Uint8Array() : blobOf(row, 'welcome')
  return { commit: blobOf(row, 'message'), groupInfo: blobOf(row, 'group_info'), welcome }
}

/** Sends the pending commit of a chat; true when it stands and is merged, unless this account is out; false when another was first. */
async function sendPending(core: Core, chat: ChatId): Promise<boolean> {
  const row = core.db.get(openPending, chat)
  if (row === undefined) return false
  let seq = 0
  let stale: Stand | undefined
  try {
    const request = { chat: bytesOf(chat), epoch: BigInt(numberOf(row, 'epoch')), upload: uploadOf(row) }
    seq = Number((await core.relay.call('commit', request, 'committed')).seq)
  } catch (error) {
    if (isFailure(error, FailureCode.STALE)) stale = error.failure
    // Refused for good: it would be refused again.
    else {
      const refused = clientErrorOf(error)
      if (refused.code !== 'offline') core.write(() => dropPending(core, { chat }))
      // One of those who were away is back: planned anew without them.
      if (isFailure(error, FailureCode.NOT_ALLOWED) && forgetIdle(core)) return false
      throw refused
    }
  }
  try {
    await catchUp(core, chat, seq)
  } catch (error) {
    // What is done is done, also where somebody has put this account out before it could look.
    if (seq === 0 || clientErrorOf(error).code !== 'unknown-chat') throw error
    await hearStanding(core)
    return true
  }
  if (stale !== undefined) noteEpochGone(core, chat, stale)
  return core.db.get('select 1 as one from pending_commit where chat = ?', chat) === undefined && seq > 0
}
