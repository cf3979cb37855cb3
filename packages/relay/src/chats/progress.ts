import type { AccountId, ChatId, DeviceId } from '@quintet/domain'
import { bytesOf } from '@quintet/domain'
import { pushFrame } from '../answer.ts'
import { present } from '../assert.ts'
import type { CursorChange, ProgressChange } from '../ports/chat-store.ts'
import type { RelayCore } from '../relay-core.ts'
import { tellOthers } from './deliver.ts'
import type { LiveChat, LiveMember } from './live-chat.ts'

/** The width of the steps in which progress is told (T1): ms. */
const stepMs = 2000
/** Over how much of a step its work is spread, and how long it rests at most, ms. */
const spreadMs = 1000
const longestRestMs = 20

/**
 * How far devices have come: told to others in steps of 2 s, by account, for content only (T1, T2), and saved with
 * the step. An ack that a crash forgets costs nothing: the device knows its own place and asks from there.
 */
export class Progress {
  private cursors = new Map<string, CursorChange>()
  private parties = new Map<string, Asked>()
  private seen = new Map<DeviceId, number>()
  /** What is being written down of it. */
  private seenBefore: ReadonlyMap<DeviceId, number> = new Map()
  private trims = new Map<ChatId, LiveChat>()
  private stop: (() => void) | undefined
  private running: Promise<void> = Promise.resolve()
  private wake: (() => void) | undefined
  private closing = false
  private readonly core: () => RelayCore

  constructor(core: () => RelayCore) {
    this.core = core
  }

  /** Takes a device's word that it has everything up to `seq`. */
  acked(chat: LiveChat, member: LiveMember, seq: number): void {
    const welcomed = member.welcomeSeq !== undefined && seq >= member.welcomeSeq
    if (welcomed) member.welcomeSeq = undefined
    if (seq <= member.cursor && !welcomed) return
    member.cursor = Math.max(member.cursor, Math.min(seq, chat.headSeq))
    const key = `${chat.chat} ${member.device}`
    const change = { chat: chat.chat, device: member.device, cursor: member.cursor, welcomed }
    const before = this.cursors.get(key)
    if (before === undefined) this.core().chats.keep(chat.chat)
    this.cursors.set(key, { ...change, welcomed: welcomed || before?.welcomed === true })
    this.consider(chat, member.account)
    this.trims.set(chat.chat, chat)
    this.arm()
  }

  /** Asks whether there is news of an account's progress at the next step. `again`: what is known is told, news or not. */
  consider(chat: LiveChat, account: AccountId, again = false): void {
    if (chat.parties.size < 2) return
    const key = `${chat.chat} ${account}`
    this.parties.set(key, { chat, account, again: again || this.parties.get(key)?.again === true })
    this.arm()
  }

  saw(device: DeviceId): void {
    this.seen.set(device, this.core().runtime.clock.now())
    this.arm()
  }

  /** When a device was last here, as far as that is not written down yet. */
  lastSaw(device: DeviceId): number | undefined {
    return this.seen.get(device) ?? this.seenBefore.get(device)
  }

  private arm(): void {
    const { clock } = this.core().runtime
    this.stop ??= clock.after(stepMs - (clock.now() % stepMs), () => {
      this.stop = undefined
      void this.step()
    })
  }

  /** Saves and tells everything that waits, one step after the other. */
  private step(): Promise<void> {
    this.running = this.running.then(() => this.save())
    return this.running
  }

  /**
   * A few chats at a time, with a rest after each: done at once, it would stop every socket for as long as it takes.
   * What is given up in all of them goes together in the end, as it lies together on the disk.
   */
  private async save(): Promise<void> {
    const core = this.core()
    const { seen } = this
    const portions = inPortions([...this.cursors.values()], [...this.parties.values()], [...this.trims.values()])
    this.cursors = new Map()
    this.parties = new Map()
    this.seen = new Map()
    this.seenBefore = seen
    this.trims = new Map()
    const restMs = Math.min(longestRestMs, spreadMs / portions.length)
    const saved: Promise<void>[] = []
    const due: { readonly chat: LiveChat; readonly seq: number }[] = []
    for (const portion of portions) {
      saved.push(this.savePortion(portion))
      for (const chat of portion.trims) {
        const seq = await this.leastOf(chat)
        if (seq > chat.trimmedSeq) due.push({ chat, seq })
      }
      if (portion !== portions.at(-1)) await this.rest(restMs)
    }
    try {
      if (seen.size > 0) await core.store.accounts.saveSeen(seen)
      await Promise.all(due.map(({ chat, seq }) => this.trim(chat, seq)))
    } catch (error) {
      core.observer.fault('progress was not saved', error)
    }
    await Promise.all(saved)
  }

  /** Over at once when the relay ends. */
  private rest(ms: number): Promise<void> {
    if (this.closing) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.core().runtime.clock.after(ms, resolve)
      this.wake = () => {
        cancel()
        resolve()
      }
    })
  }

  private async savePortion({ cursors, parties }: Portion): Promise<void> {
    const core = this.core()
    const news = parties.flatMap(({ chat, account, again }) => progressOf(chat, account, again))
    const progress = news.map(
      ({ chat, account, seq }): ProgressChange => ({ chat: chat.chat, account, deliveredSeq: seq }),
    )
    try {
      if (cursors.length + progress.length > 0) await core.store.chats.saveCursors(cursors, progress)
      for (const { chat, account, seq } of news) tell(core, chat, account, seq)
    } catch (error) {
      core.observer.fault('progress was not saved', error)
    } finally {
      for (const { chat } of cursors) core.chats.letGo(chat)
    }
  }

  /** R7: how far every active device of the roster has come. */
  private async leastOf(chat: LiveChat): Promise<number> {
    let least = chat.headSeq
    for (const member of chat.leaves) {
      // Who leaves gets nothing more, so nothing waits for it.
      if (member === undefined || member.cursor >= least || chat.intents.has(member.account)) continue
      const live = await this.core().accounts.get(member.account)
      const record = live?.state.devices.get(member.device)
      const active = record !== undefined && record.removedAt === undefined && live?.state.closed === false
      if (active) least = member.cursor
    }
    return least
  }

  private async trim(chat: LiveChat, least: number): Promise<void> {
    const core = this.core()
    chat.trimmedSeq = least
    chat.content = chat.content.filter(({ seq }) => seq > least)
    const gone = await core.store.chats.trim(chat.chat, least)
    core.observer.count('entries-trimmed', gone)
  }

  close(): Promise<void> {
    this.stop?.()
    this.stop = undefined
    this.closing = true
    this.wake?.()
    return this.step()
  }
}

/** Of whom is asked whether they have come further. */
interface Asked {
  readonly chat: LiveChat
  readonly account: AccountId
  readonly again: boolean
}

/** How far an account has come in a chat. */
interface News {
  readonly chat: LiveChat
  readonly account: AccountId
  readonly seq: number
}

/** What waits of a few chats. */
interface Portion {
  readonly cursors: CursorChange[]
  readonly parties: Asked[]
  readonly trims: LiveChat[]
}

const chatsAtOnce = 2

function inPortions(
  cursors: readonly CursorChange[],
  parties: readonly Asked[],
  trims: readonly LiveChat[],
): readonly Portion[] {
  const portions: Portion[] = []
  const byChat = new Map<ChatId, Portion>()
  const of = (chat: ChatId): Portion => {
    const known = byChat.get(chat)
    if (known !== undefined) return known
    if (byChat.size % chatsAtOnce === 0) portions.push({ cursors: [], parties: [], trims: [] })
    const portion = present(portions.at(-1), 'the first chat begins one')
    byChat.set(chat, portion)
    return portion
  }
  for (const change of cursors) of(change.chat).cursors.push(change)
  for (const asked of parties) of(asked.chat.chat).parties.push(asked)
  for (const chat of trims) of(chat.chat).trims.push(chat)
  return portions
}

/**
 * The newest content entry of others that any device of the account has, if it is news (T1, T2).
 *
 * It is kept for accounts too that let nobody know: what lay there before a request was accepted is told then.
 */
function progressOf(chat: LiveChat, account: AccountId, again: boolean): readonly News[] {
  const party = chat.parties.get(account)
  if (!party) return []
  let reached = 0
  for (const member of chat.members.values()) {
    if (member.account === account && member.leaf !== undefined) reached = Math.max(reached, member.cursor)
  }
  const newest = chat.content.findLast((entry) => entry.seq <= reached && entry.account !== account)
  const news = newest !== undefined && newest.seq > party.deliveredSeq
  if (news) party.deliveredSeq = newest.seq
  return news || (again && party.deliveredSeq > 0) ? [{ chat, account, seq: party.deliveredSeq }] : []
}

function tell(core: RelayCore, chat: LiveChat, account: AccountId, seq: number): void {
  if (chat.parties.get(account)?.deliveredOn !== true) return
  const delivered = { account: bytesOf(account), seq: BigInt(seq) }
  tellOthers(core, chat, account, pushFrame({ case: 'delivered', value: { chat: chat.bytes, delivered } }))
}
