import type { OwnCommit, Suite } from '@quintet/crypto'
import { memoryStore, type RelayStore } from '@quintet/relay'
import { expectAnswer, fakeMessage, outcome, type TestAccount, type TestWorld } from '@quintet/relay/testing'
import { EntryKind } from '@quintet/wire'
import { expect } from 'vitest'
import { type Change, Chat } from './chat.ts'
import { Member } from './member.ts'
import { openWorld } from './open-world.ts'

export const steps = [
  'add-person',
  'add-two-devices',
  'update',
  'policy',
  'unlink',
  'drop-leaf',
  'remove-person',
  'swap-people',
  'leave',
  'external',
  'resync',
  'race',
  'talk',
] as const
export type Step = readonly [(typeof steps)[number], number]

/** A device outside the tree, and a message that it made while it was inside. */
interface Outsider {
  readonly who: Member
  readonly unlinked: boolean
  readonly lastWords: Uint8Array | undefined
  readonly lastEpoch: bigint
}

const most = 8

/** One chat of real devices at a real relay, led through a random life and checked after every step. */
export class History {
  private readonly world: TestWorld
  private readonly store: RelayStore
  private readonly chat: Chat
  private people: number
  private outside: Outsider[] = []
  private said = 0

  private constructor(parts: { world: TestWorld; store: RelayStore; chat: Chat; people: number }) {
    this.world = parts.world
    this.store = parts.store
    this.chat = parts.chat
    this.people = parts.people
  }

  static async begin(suite: Suite): Promise<History> {
    const store = memoryStore()
    const world = await openWorld(store)
    const [alice, bob] = [await Member.signUp(world, 'person1'), await Member.signUp(world, 'person2')]
    const laptop = await Member.link(world, alice)
    const chat = await Chat.create(suite, alice, [bob, laptop])
    await chat.check(store)
    return new History({ world, store, chat, people: 2 })
  }

  private pick(seed: number, among: readonly Member[] = this.chat.members): Member {
    return among[seed % among.length] ?? expect.unreachable('somebody is there')
  }

  private get room(): number {
    return most - this.chat.members.length
  }

  private newPerson(): Promise<Member> {
    return Member.signUp(this.world, `person${++this.people}`)
  }

  /** A device that can link further ones and unlink them. */
  private firstOf(account: TestAccount): Member | undefined {
    const all = [...this.chat.members, ...this.outside.map(({ who }) => who)]
    return all.find(({ device }) => device.account === account && device.keys === account.first)
  }

  private async newDevice(seed: number): Promise<Member | undefined> {
    const first = this.firstOf(this.pick(seed).account)
    const full = first === undefined || [...first.account.state.devices.values()].filter(isActive).length >= 5
    return full ? undefined : Member.link(this.world, first)
  }

  private leaveOutside(who: Member, unlinked = false): void {
    const { engine } = who
    const lastEpoch = this.chat.epochOf(who)
    const lastWords = lastEpoch < 0n ? undefined : engine.encrypt(this.chat.bytes, new Uint8Array(), Uint8Array.of(1))
    this.outside.push({ who, unlinked, lastWords, lastEpoch })
  }

  private comeInside(who: Member): void {
    this.outside = this.outside.filter((one) => one.who !== who)
  }

  /** Builds, sends, and lets everyone follow; the epoch moves by one, and a second commit for it comes too late. */
  private async change(by: Member, change: Change): Promise<void> {
    const epoch = this.chat.epochOf(by)
    const made = await this.chat.build(by, change)
    const answer = expectAnswer(await this.chat.send(by, made), 'committed')
    expect([answer.epoch, made.epoch]).toEqual([epoch + 1n, epoch + 1n])
    await this.isStale(made, by, epoch)
    const gone = change.removes ?? []
    const leftAccounts = change.accounts ? this.chat.accounts.filter((one) => !change.accounts?.includes(one)) : []
    for (const one of gone) this.leaveOutside(one)
    await this.chat.follow(by, made, change)
    for (const one of change.adds ?? []) this.comeInside(one)
    for (const one of this.chat.members) expect(leftAccounts).not.toContain(one.account)
  }

  private async isStale(made: OwnCommit, by: Member, epoch: bigint): Promise<void> {
    const again = await this.chat.send(by, made, epoch)
    expect(outcome(again)).toBe('STALE')
    if (again.case === 'failure') expect(again.value.epoch).toBe(epoch + 1n)
  }

  async do([step, seed]: Step): Promise<void> {
    const doing: Readonly<Record<Step[0], () => Promise<void>>> = {
      'add-person': () => this.addPerson(seed),
      'add-two-devices': () => this.addTwo(seed),
      update: () => this.change(this.pick(seed), {}),
      policy: () => this.change(this.pick(seed), { accounts: this.chat.accounts }),
      unlink: () => this.unlink(seed),
      'drop-leaf': () => this.dropLeaf(seed),
      'remove-person': () => this.removePerson(seed, false),
      'swap-people': () => this.removePerson(seed, true),
      leave: () => this.leave(seed),
      external: () => this.external(seed),
      resync: () => this.chat.enter(this.pick(seed)),
      race: () => this.race(seed),
      talk: async () => {},
    }
    await doing[step]()
    await this.chat.talk(this.pick(seed), `text ${++this.said}`)
    await this.chat.check(this.store)
    for (const outsider of this.outside) await this.staysOutside(outsider)
  }

  private async addPerson(seed: number): Promise<void> {
    if (this.room < 1) return
    const newcomer = await this.newPerson()
    await this.change(this.pick(seed), { adds: [newcomer], accounts: [...this.chat.accounts, newcomer.account] })
  }

  private async addTwo(seed: number): Promise<void> {
    const newcomers = [await this.newDevice(seed), await this.newDevice(seed + 1)].filter((one) => one !== undefined)
    if (this.room < newcomers.length) for (const one of newcomers) this.leaveOutside(one)
    else await this.change(this.pick(seed), { adds: newcomers })
  }

  /** The log entry first: the relay cuts the device off at once; whoever speaks next takes its leaf out (C7). */
  private async unlink(seed: number): Promise<void> {
    const linked = this.chat.members.filter(({ device }) => device.keys !== device.account.first)
    const gone = linked[seed % Math.max(1, linked.length)]
    const first = gone && this.firstOf(gone.account)
    if (!gone || !first) return
    const { account } = first
    const remove = { kind: 'remove', device: gone.device.keys.device } as const
    const entry = await account.entry(remove, this.world.clock.now())
    const removed = await first.device.ask({ case: 'appendLog', value: { account: account.bytes, entry } })
    expect(outcome(removed)).toBe('done')
    account.adopt(entry)
    await gone.device.line.until(() => gone.device.line.closed)
    expect(outcome(await gone.device.reconnect())).toBe('UNLINKED')
    this.leaveOutside(gone, true)
    const others = this.chat.members.filter((one) => one !== gone)
    const by = this.pick(seed, others)
    const made = await this.chat.build(by, { removes: [gone] })
    expect(outcome(await this.chat.send(by, made))).toBe('done')
    this.chat.members = others
    await this.chat.follow(by, made, {})
  }

  /** A leaf goes and its device stays in the log of its account: it may come back by itself. */
  private async dropLeaf(seed: number): Promise<void> {
    const by = this.pick(seed)
    const others = this.chat.members.filter((one) => one !== by)
    if (others.length > 1) await this.change(by, { removes: [this.pick(seed, others)] })
  }

  private async removePerson(seed: number, swap: boolean): Promise<void> {
    const by = this.pick(seed)
    const others = this.chat.accounts.filter((one) => one !== by.account)
    const account = others[seed % Math.max(1, others.length)]
    if (!account) return
    const removes = this.chat.members.filter((one) => one.account === account)
    const newcomer = swap ? await this.newPerson() : undefined
    const left = this.chat.accounts.filter((one) => one !== account)
    const adds = newcomer ? [newcomer] : []
    await this.change(by, { removes, adds, accounts: [...left, ...adds.map((one) => one.account)] })
  }

  /** Who leaves is out at once, its leaves with the next commit of another (C6). */
  private async leave(seed: number): Promise<void> {
    const { chat } = this
    const by = this.pick(seed)
    const others = chat.members.filter((one) => one.account !== by.account)
    const leaver = others[seed % Math.max(1, others.length)]
    if (!leaver) return
    const { account } = leaver
    expect(outcome(await leaver.device.leave(chat.id))).toBe('done')
    const [all, leaving] = [chat.members, chat.members.filter((one) => one.account === account)]
    chat.members = all.filter((one) => one.account !== account)
    await chat.talk(by, 'they are gone')
    for (const one of leaving) {
      expect(outcome(await chat.send(one, await chat.build(one, {})))).toBe('UNKNOWN_CHAT')
      one.engine.clearPending(chat.bytes)
      const words = one.engine.encrypt(chat.bytes, new Uint8Array(), Uint8Array.of(1))
      expect(outcome(await chat.append(one, chat.epochOf(one), words, one.n + 1n))).toBe('UNKNOWN_CHAT')
      expect(outcome(await one.device.ask({ case: 'getGroupInfo', value: { chat: chat.bytes } }))).toBe('UNKNOWN_CHAT')
      expect(one.device.line.pushes.filter((push) => push.case === 'entry')).toEqual([])
    }
    chat.members = all
    await this.change(by, { removes: leaving, accounts: chat.accounts.filter((one) => one !== account) })
  }

  /** A device of a member's account that has no leaf joins by itself. */
  private async external(seed: number): Promise<void> {
    if (this.room < 1) return
    const may = this.outside.filter(({ who, unlinked }) => !unlinked && this.chat.accounts.includes(who.account))
    const one = may[seed % Math.max(1, may.length)]?.who ?? (await this.newDevice(seed))
    if (!one) return
    await this.chat.enter(one)
    this.comeInside(one)
  }

  /** Two members commit at once: one is taken, the other is told that it came too late. */
  private async race(seed: number): Promise<void> {
    const [one, other] = [this.pick(seed), this.pick(seed + 1)]
    if (one === other) return
    const [first, second] = [await this.chat.build(one, {}), await this.chat.build(other, {})]
    const answers = await Promise.all([this.chat.send(one, first), this.chat.send(other, second)])
    expect(answers.map(outcome)).toEqual(['done', 'STALE'])
    other.engine.clearPending(this.chat.bytes)
    await this.chat.follow(one, first, {})
  }

  /** What a device outside the tree tries is refused, and nothing is pushed to it. */
  private async staysOutside({ who, unlinked, lastWords, lastEpoch }: Outsider): Promise<void> {
    const { chat } = this
    const refusal = unlinked ? 'UNAUTHENTICATED' : 'UNKNOWN_CHAT'
    const epoch = this.chat.epochOf(this.pick(0))
    const words = fakeMessage(chat.id, epoch, 'still here')
    expect(outcome(await chat.append(who, epoch, words, who.n + 1n))).toBe(refusal)
    if (lastWords) expect(outcome(await chat.append(who, lastEpoch, lastWords, who.n + 1n))).toBe(refusal)
    const read = await who.device.ask({ case: 'fetch', value: { chat: chat.bytes } })
    if (!unlinked && chat.accounts.includes(who.account)) {
      const { entries, holes } = expectAnswer(read, 'fetched')
      expect(entries.every(({ kind }) => kind === EntryKind.COMMIT)).toBe(true)
      expect(holes).toEqual([])
    } else {
      expect(outcome(read)).toBe(refusal)
      expect(outcome(await who.device.ask({ case: 'getGroupInfo', value: { chat: chat.bytes } }))).toBe(refusal)
    }
    expect(outcome(await who.device.ask({ case: 'getWelcome', value: { chat: chat.bytes } }))).toBe(refusal)
    // The commit that took it out was the last that it heard.
    const heard = who.device.line.pushes.filter((push) => push.case === 'entry')
    expect(heard).toEqual([])
  }
}

function isActive({ removedAt }: { readonly removedAt?: unknown }): boolean {
  return removedAt === undefined
}
