import { type GroupView, MlsError } from '@quintet/crypto'
import { sha256 } from '@noble/hashes/sha2.js'
import { type AccountId, bytesOf, type ChatId, hexOf } from '@quintet/domain'
import type { Core } from '../core.ts'
import { recordFault } from '../store/fault.ts'
import { metaNumber, metaText, setMeta } from '../store/meta.ts'
import { chatOf } from '../store/row.ts'
import { forgetIntents } from './intent.ts'
import { chatRecord, setChat } from './record.ts'

/**
 * Why the MLS state of a chat is of no use any more: its rows are gone or do not decode, a commit is somebody's but its
 * keys do not fit this device, a commit is nobody's as the relay shows it, commits in between are gone from the relay, or
 * the database is older than what it sent.
 */
export type Loss = 'damaged' | 'does-not-fit' | 'unreadable' | 'missed-commits' | 'went-back'

/** Two repairs of one chat within this time do not help: something else is wrong. */
const onceMs = 60 * 60 * 1000

/** What a relay alone can bring about may be repaired at once so often a day, or it could have a device commit without end. */
const atOnce = 3
const dayMs = 24 * onceMs
const firstPauseMs = 60 * 1000

/** One more of that kind: the next ones wait, each four times as long as the one before, up to an hour. In a transaction. */
function countRepair(core: Core, chat: ChatId): void {
  const now = core.clock.now()
  const last = metaNumber(core.db, `repairs-at/${chat}`)
  const before = last !== undefined && Math.abs(now - last) < dayMs ? (metaNumber(core.db, `repairs/${chat}`) ?? 0) : 0
  setMeta(core.db, `repairs/${chat}`, before + 1)
  setMeta(core.db, `repairs-at/${chat}`, now)
}

/** Whether a chat that lost its state may be entered anew by now. */
export function mayRepair(core: Core, chat: ChatId): boolean {
  const count = metaNumber(core.db, `repairs/${chat}`) ?? 0
  const last = metaNumber(core.db, `repairs-at/${chat}`)
  if (count <= atOnce || last === undefined) return true
  const pause = Math.min(onceMs, firstPauseMs * 4 ** (count - atOnce - 1))
  // A clock that was set back keeps nobody out.
  return Math.abs(core.clock.now() - last) >= pause
}

/**
 * Marks a chat as one to be entered again by an external commit of one's own (C12). In a transaction.
 *
 * What the person wrote and everything that was read stays; what waits is sealed anew. A chat that was repaired a short
 * while ago is stopped instead. Had somebody else to come in again as well, then nobody can follow, and C13 lets it go on;
 * else it is this device alone, or what the relay shows it, and it comes in once more after a while.
 */
export function loseState(core: Core, chat: ChatId, loss: Loss): void {
  // Whoever has left or was taken out meanwhile has no state to lose, and does not come in again by itself.
  if (chatRecord(core.db, chat)?.state !== 'active') return
  const now = Math.trunc(core.relayNow())
  const key = `repaired/${chat}`
  const last = metaNumber(core.db, key)
  recordFault(core.db, 'state-lost', chat, now, loss)
  const byCommit = loss === 'does-not-fit' || loss === 'unreadable'
  const again = byCommit && last !== undefined && now - last < onceMs
  const others = (metaNumber(core.db, `repaired-too/${chat}`) ?? -1) >= (last ?? 0)
  if (byCommit) setMeta(core.db, key, now)
  if (loss !== 'damaged' && loss !== 'does-not-fit') countRepair(core, chat)
  setMeta(core.db, `loss/${chat}`, loss)
  setMeta(core.db, `refused/${chat}`, undefined)
  forgetIntents(core.db, chat)
  const stopped = { state: 'blocked', held: others ? 'refused' : 'does-not-fit', held_by: null }
  setChat(core.db, chat, again ? stopped : { state: 'joining', held: 'repair' })
  core.db.run('delete from pending_commit where chat = ?', chat)
}

/** Somebody else has come in again: what this device cannot follow may be the same that they could not (C13). In a transaction. */
export function noteOtherRepair(core: Core, chat: ChatId, account: AccountId | undefined): void {
  if (account === undefined || account === core.mustOwn().account) return
  setMeta(core.db, `repaired-too/${chat}`, Math.trunc(core.relayNow()))
}

/** Why this device has to enter the chat again. */
export function lossOf(core: Pick<Core, 'db'>, chat: ChatId): string | undefined {
  return metaText(core.db, `loss/${chat}`)
}

/** The chat was entered: what had kept this device out of it is over. In a transaction. */
export function forgetLoss(core: Pick<Core, 'db'>, chat: ChatId): void {
  for (const what of ['loss', 'refused', 'unfit']) setMeta(core.db, `${what}/${chat}`, undefined)
}

/** Remembers a commit that is somebody's, as its signature says, but whose keys do not fit this device. In a transaction. */
export function noteUnfit(core: Pick<Core, 'db'>, chat: ChatId, commit: Uint8Array): void {
  setMeta(core.db, `unfit/${chat}`, hexOf(sha256(commit)))
}

/** Whether this is the commit of which that is known. */
export function isUnfit(core: Pick<Core, 'db'>, chat: ChatId, commit: Uint8Array): boolean {
  return metaText(core.db, `unfit/${chat}`) === hexOf(sha256(commit))
}

/** Counts that a chat whose commit did not fit could not be entered again; true from the second time on. */
export function refusedAgain(core: Core, chat: ChatId): boolean {
  const loss = lossOf(core, chat)
  if (chatRecord(core.db, chat)?.held !== 'repair' || (loss !== 'does-not-fit' && loss !== 'unreadable')) return false
  const before = metaNumber(core.db, `refused/${chat}`) !== undefined
  core.write(() => setMeta(core.db, `refused/${chat}`, 1))
  return before
}

/** The others may have noticed nothing, and then nobody makes a successor: such a chat is entered once more after a while. */
export function repairAgain(core: Core): void {
  for (const row of core.db.all("select chat from chat where state = 'blocked' and held = 'does-not-fit'")) {
    const chat = chatOf(row, 'chat')
    if (core.relayNow() - (metaNumber(core.db, `repaired/${chat}`) ?? 0) < onceMs) continue
    core.write(() => setChat(core.db, chat, { state: 'joining', held: 'repair' }))
  }
}

/** The state of a chat that is active; MlsError `unknown-group` when its rows are gone. */
export function groupView(core: Core, chat: ChatId): GroupView {
  const view = core.engine().view(bytesOf(chat))
  if (view === undefined) throw new MlsError('unknown-group', 'an active chat has no state')
  return view
}

/** For a look in passing: undefined as well where the state is damaged, which the next use of the chat finds out. */
export function viewIfWhole(core: Core, chat: ChatId): GroupView | undefined {
  try {
    return core.engine().view(bytesOf(chat))
  } catch (error) {
    if (!isLostState(error)) throw error
    return undefined
  }
}

/** What stood in the way was this chat's MLS state itself. */
function isLostState(error: unknown): error is MlsError {
  return error instanceof MlsError && (error.code === 'state-damaged' || error.code === 'unknown-group')
}

/** Runs a task of one chat; a state that turns out damaged meanwhile is given up, for `join` to replace. */
export async function orRepair<T>(core: Core, chat: ChatId, task: () => Promise<T>): Promise<T | 'lost'> {
  try {
    return await task()
  } catch (error) {
    // Rows may decode and yet make no sense together: then the engine itself fails, at every try.
    const isBroken = error instanceof MlsError && error.code === 'engine'
    if (isBroken) core.engine().reloadAll()
    else if (isLostState(error)) core.engine().reload(bytesOf(chat))
    else throw error
    core.write((emit) => {
      loseState(core, chat, isBroken ? 'does-not-fit' : 'damaged')
      emit({ event: 'chat', chat, change: 'held' })
    })
    return 'lost'
  }
}
