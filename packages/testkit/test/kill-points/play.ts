import { deepEqual } from 'node:assert/strict'
import type { Addressee, Device, World } from '@quintet/testkit'
import type { KillCounter } from './counter.ts'

/** How often somebody whose device died tries again; it dies once. */
const tries = 4
/** Longer than a newcomer waits for somebody to vouch for a chat (C8). */
const patienceMs = 31_000

/** Two people, `alice+bob`, or the title of a group. */
export type Conversation = string

interface Said {
  readonly text: string
  readonly audience: ReadonlySet<string>
}

/** One scene as it is played: who is there, what was said to whom, and what their owners do when one of them dies. */
export class Play {
  readonly world: World
  readonly counter: KillCounter
  step = ''
  killedIn = ''
  /** Devices in whose database something may be missing, said so by a gap. */
  readonly mayMiss = new Set<string>()
  private readonly gone = new Set<string>()
  private readonly added: Device[] = []
  private readonly audiences = new Map<Conversation, Set<string>>()
  private readonly before = new Map<string, readonly string[]>()
  private readonly said = new Map<Conversation, Said[]>()

  constructor(world: World, counter: KillCounter) {
    this.world = world
    this.counter = counter
  }

  device(name: string): Device {
    return this.added.findLast((one) => one.name === name) ?? this.world.deviceNamed(name)
  }

  /** All that have not gone for good. */
  everybody(): readonly Device[] {
    const people = ['alice', 'bob', 'carol'].flatMap((handle) => this.world.person(handle).devices)
    return [...new Set([...people, ...this.added])].filter((one) => !this.gone.has(one.name))
  }

  /** These devices are in a conversation from here on, and show what is said there. */
  enter(chat: Conversation, ...devices: readonly Device[]): void {
    const audience = this.audiences.get(chat) ?? new Set()
    this.audiences.set(chat, audience)
    for (const device of devices) {
      audience.add(device.name)
      this.before.set(`${chat} ${device.name}`, this.shownBy(device, chat))
    }
  }

  /** Nothing of what is said there from now on is for them. */
  exit(chat: Conversation, ...devices: readonly Device[]): void {
    for (const device of devices) this.audiences.get(chat)?.delete(device.name)
  }

  /** It is switched off and never comes back. */
  leaveBehind(device: Device): void {
    this.gone.add(device.name)
    for (const audience of this.audiences.values()) audience.delete(device.name)
  }

  /** A device that signs up, is linked or recovers: one that may die too. */
  newDevice(handle: string, name: string): Device {
    const device = this.world.device(handle, name)
    this.added.push(device)
    return device
  }

  async settled(): Promise<void> {
    await this.world.settle()
    if (this.revive()) await this.world.settle()
  }

  /** Everybody looks at their device, and half a minute passes. */
  async rest(): Promise<void> {
    for (let round = 0; round < 2; round++) {
      for (const device of this.everybody()) await this.sync(device)
      await this.settled()
      if (round === 0) await this.world.forward(patienceMs)
    }
  }

  /** Somebody does something, and when it did not come to its end does it again, unless it is done. */
  async does(step: string, work: () => Promise<unknown>, done?: () => boolean | Promise<boolean>): Promise<void> {
    this.step = step
    let last: unknown
    for (let n = 0; n < tries; n++) {
      let failure: unknown
      await work().catch((error: unknown) => {
        failure = error
      })
      if (this.counter.killed === undefined && failure !== undefined) throw failure
      if (this.revive() || failure !== undefined) await this.settled()
      if (done === undefined ? failure === undefined : await this.isSo(done)) return
      last = failure
    }
    throw new Error(`"${step}" was never done: ${last instanceof Error ? last.message : 'no word why'}`)
  }

  /** The device may die of being asked as well; then it is asked once more. */
  private async isSo(done: () => boolean | Promise<boolean>): Promise<boolean> {
    try {
      return await done()
    } catch (error) {
      if (!this.revive()) throw error
      await this.settled()
      return done()
    }
  }

  /** Says it and waits until everybody has it. */
  async says(by: Device, chat: Conversation, text: string): Promise<void> {
    await this.writes(by, chat, text)
    const said = this.said.get(chat) ?? []
    this.said.set(chat, [...said, { text, audience: new Set(this.audiences.get(chat)) }])
    await this.settled()
  }

  /** Whoever died is started again, as its owner does; true if somebody was. */
  revive(): boolean {
    if (this.counter.killed !== undefined && this.killedIn === '') this.killedIn = this.step
    const dead = this.everybody().filter((one) => !one.isRunning)
    for (const device of dead) device.restart()
    return dead.length > 0
  }

  /** Nothing is lost, doubled, out of order or stuck, and everybody can go on writing. */
  async check(): Promise<void> {
    const last = new Map<Conversation, string[]>()
    for (const [chat, audience] of this.audiences)
      for (const name of audience) {
        const text = `last of ${name} in ${chat}`
        await this.writes(this.device(name), chat, text)
        last.set(chat, [...(last.get(chat) ?? []), text])
      }
    await this.settled()
    this.step = 'compare'
    for (const device of this.everybody()) this.checkAtRest(device)
    for (const [chat, audience] of this.audiences) {
      const words = last.get(chat) ?? []
      const first = [...audience][0]
      if (first === undefined) continue
      const tail = this.shownBy(this.device(first), chat).slice(-words.length)
      deepEqual(tail.toSorted(), words.toSorted(), `the last words in ${chat}: ${tail.join(', ')}`)
      for (const name of audience) this.checkShown(chat, name, tail)
    }
  }

  private checkAtRest(device: Device): void {
    if (device.client.self() === undefined) return
    const { outbox, gaps, chatsPending } = device.client.status()
    const seen = { outbox, gaps: this.mayMiss.has(device.name) ? 0 : gaps, chatsPending }
    deepEqual(seen, { outbox: 0, gaps: 0, chatsPending: 0 }, `${device.name} is not at rest: ${JSON.stringify(seen)}`)
    for (const [chat, audience] of this.audiences) {
      if (!audience.has(device.name)) continue
      const view = device.client.chats().find((one) => one.chat === this.chatOf(device, chat))
      deepEqual([view?.held], [undefined], `${chat} on ${device.name} is held: ${view?.held}`)
    }
  }

  private checkShown(chat: Conversation, name: string, tail: readonly string[]): void {
    const shown = this.shownBy(this.device(name), chat)
    const said = (this.said.get(chat) ?? []).filter((one) => one.audience.has(name)).map((one) => one.text)
    const all = [...(this.before.get(`${chat} ${name}`) ?? []), ...said, ...tail]
    const what = `${name} shows of ${chat}: ${shown.join(', ')}; there is: ${all.join(', ')}`
    // Each once, in order, however many are missing where some may be.
    deepEqual(shown, this.mayMiss.has(name) ? all.filter((text) => shown.includes(text)) : all, what)
    deepEqual(shown.slice(-tail.length), tail, what)
  }

  private async writes(by: Device, chat: Conversation, text: string): Promise<void> {
    await this.does(
      `${by.name} says ${text}`,
      async () => by.say(this.addressee(by, chat), text),
      () => this.shownBy(by, chat).includes(text),
    )
  }

  private async sync(device: Device): Promise<void> {
    if (device.client.self() !== undefined) await device.client.sync().catch((error: unknown) => this.passOver(error))
    if (this.revive()) await this.world.settle()
  }

  private passOver(error: unknown): void {
    if (this.counter.killed === undefined) throw error
  }

  private addressee(by: Device, chat: Conversation): Addressee {
    if (!chat.includes('+')) return by.chat(chat)
    const [own = ''] = by.name.split('.')
    const handle = chat.split('+').find((one) => one !== own)
    return handle === undefined ? 'self' : { handle }
  }

  private chatOf(by: Device, chat: Conversation): string | undefined {
    try {
      return by.chat(this.addressee(by, chat))
    } catch {
      return undefined
    }
  }

  private shownBy(by: Device, chat: Conversation): readonly string[] {
    const id = this.chatOf(by, chat)
    return id === undefined ? [] : by.shows(id)
  }
}
