import { type GroupView, MlsError } from '@quintet/crypto'
import { bytesOf, type ChatId, parseChatBytes, parseCredential } from '@quintet/domain'
import { FailureCode, type GroupInfoResult } from '@quintet/wire'
import { isRequest } from '../content/request.ts'
import type { Core } from '../core.ts'
import { learnMembers } from '../device/handle.ts'
import { isStocked, keysAreGone, packageUsed } from '../keypackage/stock.ts'
import { ask } from '../relay/ask.ts'
import { clientErrorOf, isFailure } from '../relay/failure.ts'
import { ConnectionLost } from '../relay/link.ts'
import { numberOf, textOf } from '../store/row.ts'
import { type Admitted, admit, compareRoster, inspect } from './admit.ts'
import { aadBytes, keepPending } from './commit.ts'
import { askEpoch, noteEpoch } from './confirm.ts'
import { catchUp } from './fetch.ts'
import { isOnTheWay, linkChain } from './go-on.ts'
import type { Policy } from '../policy/policy.ts'
import { reachesFloor } from './reach-floor.ts'
import { keepIntent } from './intent.ts'
import { chatRecord, keepPolicy, setChat } from './record.ts'
import { forgetLoss } from './repair.ts'
import { mayResync, resyncFailed } from './resync.ts'
import { askSnapshot } from './self-repair.ts'
import { mayRepair, orRepair } from './repair.ts'
import { settleSealed } from './settle-sealed.ts'
import { hearStanding } from './standing.ts'
import { follows } from './successor-id.ts'

/** Enters a chat: by the Welcome that waits, else by an external commit (C8). Inside the chat's `serial`. True when in. */
export async function join(core: Core, chat: ChatId, welcome: boolean): Promise<boolean> {
  const { state, held } = chatRecord(core.db, chat) ?? {}
  if (state === 'active') return true
  if (state === 'ended' || state === 'succeeded' || (held === 'repair' && !mayRepair(core, chat))) return false
  const cameBefore = (await resumeJoin(core, chat)) || (welcome && (await joinByWelcome(core, chat)))
  // Whoever has left comes back when a member lets them in, not because the relay says that they may.
  const way = cameBefore ? 'welcome' : state !== 'left' && (await joinByCommit(core, chat))
  if (way) {
    await settleSealed(core, chat)
    await learnMembers(core, chat)
    // After a commit that has just been taken the relay tells of everything by itself.
    if (way === 'welcome' && !(await readOn(core, chat))) return false
    // T2, M4: a request tells its sender nothing until it is accepted.
    const wanted = chatRecord(core.db, chat)?.kind === 'direct' && !isRequest(core.db, core.mustOwn(), chat)
    if (wanted) await ask(core, 'setDelivered', { chat: bytesOf(chat), on: true }, 'done')
  }
  return way !== false
}

/** What came after a Welcome, up to where a sibling was at least (C8). */
async function readOn(core: Core, chat: ChatId): Promise<boolean> {
  const before = chatRecord(core.db, chat)
  await catchUp(core, chat)
  return before === undefined || reachesFloor(core, before)
}

async function joinByWelcome(core: Core, chat: ChatId): Promise<boolean> {
  const engine = core.engine()
  let refs: readonly Uint8Array[] = []
  let from: number | undefined
  try {
    const given = await core.relay.call('getWelcome', { chat: bytesOf(chat) }, 'welcome')
    from = Number(given.seq)
    // What is left of an earlier time in this chat is of no use any more, and stood in the way.
    core.write(() => engine.deleteGroup(bytesOf(chat)))
    refs = engine.welcomeRefs(given.welcome)
    const { staged, view: shown } = engine.stageWelcome(given.welcome)
    // What is staged in memory does not outlive a failure of another chat, and that may happen before this one is taken.
    engine.discardJoin(staged)
    const admitted = await admit(core, chat, shown, { byWelcome: true })
    if (admitted === undefined) return false
    await readOut(core, chat, admitted.policy)
    core.write((emit) => {
      const view = engine.acceptJoin(engine.stageWelcome(given.welcome).staged)
      // By Welcome it is a member that vouches for the epoch. P3: one's own leaf is renewed before the first send.
      const at = { seq: Number(given.seq), logHash: given.logHash, updateDue: 1 }
      // One that is older than what a sibling has seen is sent to by nobody before its log has led there.
      enter(core, chat, view, { held: admitted.standing === 'below-floor' ? 'unconfirmed' : undefined }, at)
      packageUsed(core, refs)
      linkChain(core, chat, emit)
      const who = parseCredential(shown.signer.credential)
      setChat(core.db, chat, { joined_by: who?.account ?? null })
      emit({ event: 'chat', chat, change: 'new' })
    })
    return true
  } catch (error) {
    if (error instanceof MlsError) {
      engine.reloadAll()
      core.write(() => {
        if (isStocked(core, refs)) keysAreGone(core)
        // From there on it counts as a member: what it cannot open until it has come in otherwise is missing, shown so.
        if (from !== undefined) setChat(core.db, chat, { held: 'repair', cursor: from })
      })
    } else if (!isFailure(error, FailureCode.NONE) && !isFailure(error, FailureCode.UNKNOWN_CHAT))
      throw clientErrorOf(error)
    return false
  }
}

/**
 * What waits in the chat that this one goes on with is read before it ends here (C13). A device that was away may have been
 * taken into that one by a Welcome as well; one that was not has nothing to read there, but perhaps its way leads through it.
 */
async function readOut(core: Core, chat: ChatId, policy: Policy): Promise<void> {
  const before = policy.predecessor?.chat
  if (before === undefined || !follows(chat, policy)) return
  const state = () => chatRecord(core.db, before)?.state
  if (state() !== 'active' && state() !== 'joining') return
  const read = async () => {
    if (state() === 'active') await catchUp(core, before)
    else if (chatRecord(core.db, before)?.policy === undefined && isOnTheWay(core, before))
      await join(core, before, true)
    else if (state() === 'joining' && ((await resumeJoin(core, before)) || (await joinByWelcome(core, before))))
      await readOn(core, before)
  }
  try {
    await core.serial(before, () => orRepair(core, before, read))
  } catch (error) {
    // What cannot be read is told as missing; what only could not be asked for is not lost.
    const known = clientErrorOf(error)
    if (known.code === 'offline' || known.code === 'rate-limited') throw known
  }
}

const tries = 5

/** By which of the two it came in: who was let in while it made its commit takes the Welcome, which opens all since then. */
async function joinByCommit(core: Core, chat: ChatId): Promise<'commit' | 'welcome' | false> {
  const group = bytesOf(chat)
  for (let attempt = 0; attempt < tries; attempt++) {
    const info = await groupInfoOf(core, chat)
    if (info === undefined) return false
    const inspected = inspect(core, info.groupInfo)
    if (inspected === undefined) {
      resyncFailed(core, chat, 'malformed')
      return false
    }
    const own = core.mustOwn()
    const me = { account: bytesOf(own.account), device: bytesOf(own.device) }
    const resync = inspected.leaves.some((leaf) => parseCredential(leaf.credential)?.device === own.device)
    if (resync && isNew(core, chat) && (await joinByWelcome(core, chat))) return 'welcome'
    if (!(await mayResync(core, chat, inspected))) return false
    const admitted = await admit(core, chat, inspected)
    if (admitted === undefined) return false
    await readOut(core, chat, admitted.policy)
    compareRoster(core, chat, inspected, info.roster)
    if (resync) await countFromRoster(core, chat)
    const built = buildJoin(core, chat, info, { me, resync, held: admitted.held })
    if (built === undefined) {
      resyncFailed(core, chat, 'malformed')
      return false
    }
    try {
      const upload = { commit: built.commit.commit, groupInfo: built.commit.groupInfo }
      const stands = await core.relay.call('commit', { chat: group, epoch: info.epoch, upload }, 'committed')
      enterByScratch(core, chat, admitted.held, { seq: Number(stands.seq), logHash: stands.logHash })
      core.write(() => {
        for (const intent of info.intents) keepIntent(core, chat, intent, Number(stands.seq))
      })
      return 'commit'
    } catch (error) {
      // Whether it stands is not known: the next join asks.
      if (error instanceof ConnectionLost) throw clientErrorOf(error)
      dropScratch(core, chat)
      if (!isFailure(error, FailureCode.STALE)) throw clientErrorOf(error)
    }
  }
  return false
}

/** Undefined: the account is out by now, perhaps by its own wish on another device, and that is heard. */
async function groupInfoOf(core: Core, chat: ChatId): Promise<GroupInfoResult | undefined> {
  try {
    return await ask(core, 'getGroupInfo', { chat: bytesOf(chat) }, 'groupInfo')
  } catch (error) {
    if (clientErrorOf(error).code !== 'unknown-chat') throw error
    await hearStanding(core)
    return undefined
  }
}

/** Whether this device has never read here, and has not tried a Welcome in vain. */
function isNew(core: Core, chat: ChatId): boolean {
  const record = chatRecord(core.db, chat)
  return record?.state === 'joining' && record.cursor === 0 && record.held !== 'repair'
}

/**
 * A device that has a leaf already and never read here was given a Welcome that it could not use: what was written since
 * then was for it, and is shown as missing.
 */
async function countFromRoster(core: Core, chat: ChatId): Promise<void> {
  const record = chatRecord(core.db, chat)
  if (record === undefined || record.cursor > 0 || record.held === 'repair') return
  const { chats } = await ask(core, 'sync', {}, 'sync')
  const state = chats.find((one) => parseChatBytes(one.chat) === chat)
  if (state?.inRoster !== true) return
  core.write(() => setChat(core.db, chat, { held: 'repair', cursor: Number(state.joinSeq) }))
}

/** undefined: a member has signed a group that nobody can enter, and their relay or they passed it on (C8). */
function buildJoin(
  core: Core,
  chat: ChatId,
  info: GroupInfoResult,
  as: {
    readonly me: { account: Uint8Array; device: Uint8Array }
    readonly resync: boolean
    readonly held: Admitted['held']
  },
) {
  try {
    return core.write(() => {
      const id = core.random.bytes(16)
      const aad = aadBytes(core, { commitId: id, adds: [as.me], removes: as.resync ? [as.me] : [] })
      const joined = core.engine().joinExternal(info.groupInfo, aad)
      keepPending(core, chat, id, Number(info.epoch), joined.commit, { joins: as.held ?? 'confirmed' })
      return joined
    })
  } catch (error) {
    const isOurs = !(error instanceof MlsError) || error.code === 'state-damaged' || error.code === 'engine'
    if (isOurs) throw error
    return undefined
  }
}

/** A join whose answer was lost, by a broken connection or a crash (C9): if it stands it is taken, else forgotten. */
async function resumeJoin(core: Core, chat: ChatId): Promise<boolean> {
  const pending = core.db.get('select purpose from pending_commit where chat = ? and scratch = 1', chat)
  if (pending === undefined) return false
  const { chats } = await ask(core, 'sync', {}, 'sync')
  const state = chats.find((one) => parseChatBytes(one.chat) === chat)
  const before = core.db.get('select join_seq from chat where chat = ?', chat)
  const stands =
    state?.inRoster === true && !state.welcome && Number(state.joinSeq) > (before ? numberOf(before, 'join_seq') : 0)
  if (!stands) {
    dropScratch(core, chat)
    return false
  }
  const purpose = textOf(pending, 'purpose')
  const held = purpose === 'newcomers' || purpose === 'unconfirmed' ? purpose : undefined
  enterByScratch(core, chat, held, { seq: Number(state.joinSeq), logHash: state.joinLogHash })
  return true
}

function enterByScratch(
  core: Core,
  chat: ChatId,
  held: Admitted['held'],
  at: { readonly seq: number; readonly logHash: Uint8Array },
): void {
  core.write((emit) => {
    const view = core.engine().replaceByScratch(bytesOf(chat))
    enter(core, chat, view, { held }, { ...at, updateDue: 0 })
    linkChain(core, chat, emit)
    if (held !== undefined) askEpoch(core, chat)
    if (chatRecord(core.db, chat)?.kind === 'self') askSnapshot(core)
    emit({ event: 'chat', chat, change: 'new' })
  })
}

function dropScratch(core: Core, chat: ChatId): void {
  core.write(() => {
    core.engine().dropScratch(bytesOf(chat))
    core.db.run('delete from pending_commit where chat = ?', chat)
  })
}

function enter(
  core: Core,
  chat: ChatId,
  view: GroupView,
  admitted: Pick<Admitted, 'held'>,
  at: { readonly seq: number; readonly logHash: Uint8Array; readonly updateDue: number },
): void {
  const before = chatRecord(core.db, chat)
  // After a repair the entries in between stay closed to this device: shown as missing, never hidden.
  if (before?.held === 'repair' && before.cursor + 1 < at.seq) {
    const now = Math.trunc(core.relayNow())
    core.db.run(
      "insert into gap (chat, from_seq, to_seq, from_ms, to_ms, cause) values (?, ?, ?, ?, ?, 'repair') on conflict do nothing",
      chat,
      before.cursor + 1,
      at.seq - 1,
      now,
      now,
    )
  }
  core.db.run('delete from sender where chat = ?', chat)
  // Whatever this device had begun there, its own making of the chat included (C2), is void with the state it was for.
  core.db.run('delete from pending_commit where chat = ?', chat)
  setChat(core.db, chat, {
    state: 'active',
    held: admitted.held ?? null,
    held_at: Math.trunc(core.relayNow()),
    held_by: null,
    epoch: Number(view.epoch),
    cursor: at.seq,
    acked: at.seq,
    join_seq: at.seq,
    log_hash: at.logHash,
    update_due: at.updateDue,
    judged: -1,
  })
  forgetLoss(core, chat)
  noteEpoch(core, chat, view)
  keepPolicy(core.db, core.mustOwn().account, chat, view.policy, 0)
}
