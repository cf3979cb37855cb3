import { type Account, type Addressee, createWorld, type Device, type World } from '@quintet/testkit'
import { expect } from 'vitest'

import { KillCounter } from './counter.ts'

/** How often somebody whose device died tries again; it dies once. */
const tries = 4

/** A text that somebody has written, with those who are to show it in the end. */
interface Said {
  readonly chat: 'direct' | 'group'
  readonly text: string
}

/** One fixed story of three people, told with a device that dies at one of its points. */
export class Story {
  readonly counter: KillCounter
  readonly said: Said[] = []
  /** Which step of the story the point fell into. */
  step = ''
  killedIn = ''
  private readonly world: World
  private readonly alice: Account<'phone'>
  private readonly bob: Account<'phone' | 'web'>
  private readonly carol: Account<'phone'>
  /** Devices that a linking which failed has left behind, or that were unlinked. */
  private readonly gone = new Set<Device>()

  private constructor(
    world: World,
    counter: KillCounter,
    people: readonly [Account<'phone'>, Account<'phone' | 'web'>, Account<'phone'>],
  ) {
    this.world = world
    this.counter = counter
    ;[this.alice, this.bob, this.carol] = people
  }

  /** Tells the whole of it; `point` says where a device dies, undefined = nobody does. */
  static async tell(point: number | undefined, seed: number): Promise<Story> {
    const counter = new KillCounter(point)
    await using world = await createWorld({ seed, writes: counter.writes })
    const alice = await world.account('alice', 'phone')
    const bob = await world.account('bob', 'phone', 'web')
    const carol = await world.account('carol', 'phone')
    await world.settle()
    const story = new Story(world, counter, [alice, bob, carol])
    counter.start(world, () => story.everybody())
    try {
      await story.run()
      counter.stop()
      await story.rest()
      await story.check()
    } catch (error) {
      if (!(error instanceof Error)) throw error
      const { killed } = counter
      const where = killed && `${killed.device} died ${killed.at}, during "${story.killedIn}"`
      error.message = `point ${point}: ${where ?? 'nobody died'}; at "${story.step}": ${error.message}`
      throw error
    }
    return story
  }

  private everybody(): readonly Device[] {
    return [this.alice, this.bob, this.carol].flatMap(({ devices }) => devices).filter((one) => !this.gone.has(one))
  }

  private async run(): Promise<void> {
    const { alice, bob, carol } = this
    const laptop = await this.links('laptop')
    await this.says(alice.phone, 'direct', bob, 'a1')
    await this.says(bob.web, 'direct', alice, 'b1')
    await this.does(
      'create a group',
      () => alice.phone.client.createGroup('Walk', ['bob']),
      () => this.hasGroup(alice.phone),
    )
    await this.settled()
    await this.says(bob.phone, 'group', 'Walk', 'b2')
    await this.says(laptop, 'group', 'Walk', 'a2')
    await this.does(
      'add Carol',
      () => alice.phone.client.addToGroup(alice.phone.chat('Walk'), ['carol']),
      () => this.peopleOf(alice.phone).includes('carol'),
    )
    await this.settled()
    await this.says(carol.phone, 'group', 'Walk', 'c1')
    await this.does(
      'take Carol out',
      () => alice.phone.client.removeFromGroup(alice.phone.chat('Walk'), 'carol'),
      () => !this.peopleOf(alice.phone).includes('carol'),
    )
    await this.says(bob.web, 'group', 'Walk', 'b3')
    const { device } = laptop.client.self() ?? expect.unreachable('it is linked')
    await this.does(
      'unlink the laptop',
      () => alice.phone.client.unlink(device),
      async () => (await alice.phone.client.devices()).every((one) => one.device !== device),
    )
    this.gone.add(laptop)
    await this.says(bob.phone, 'direct', alice, 'b4')
    const tablet = await this.links('tablet')
    await this.says(tablet, 'group', 'Walk', 'a3')
    await this.does(
      'Bob leaves',
      () => bob.phone.client.leaveGroup(bob.phone.chat('Walk')),
      () => bob.phone.client.chats().every((one) => one.title !== 'Walk' || one.held !== undefined),
    )
    await this.settled()
    await this.says(alice.phone, 'group', 'Walk', 'a4')
    await this.says(tablet, 'direct', bob, 'a5')
  }

  private hasGroup(device: Device): boolean {
    return device.client.chats().some((one) => one.title === 'Walk')
  }

  private peopleOf(device: Device): readonly string[] {
    return device.client.chats().find((one) => one.title === 'Walk')?.with ?? []
  }

  private async settled(): Promise<void> {
    await this.world.settle()
    if (this.revive()) await this.world.settle()
  }

  /** Whoever died is started again, as its owner does; true if somebody was. */
  private revive(): boolean {
    if (this.counter.killed !== undefined && this.killedIn === '') this.killedIn = this.step
    const dead = this.everybody().filter((one) => !one.isRunning)
    for (const device of dead) device.restart()
    return dead.length > 0
  }

  /** Somebody does something, and when it did not come to its end does it again unless it is done. */
  private async does(
    step: string,
    work: () => Promise<unknown>,
    done: () => boolean | Promise<boolean>,
  ): Promise<void> {
    this.step = step
    let last: unknown
    for (let n = 0; n < tries; n++) {
      let failure: unknown
      await work().catch((error: unknown) => {
        failure = error
      })
      if (this.counter.killed === undefined && failure !== undefined) throw failure
      if (this.revive() || failure !== undefined) await this.world.settle()
      if (await done()) return
      last = failure
    }
    throw new Error(`"${step}" was never done: ${last instanceof Error ? last.message : 'no word why'}`)
  }

  private async says(by: Device, chat: Said['chat'], to: Addressee, text: string): Promise<void> {
    const shows = () => {
      try {
        return by.shows(to).includes(text)
      } catch {
        return false
      }
    }
    // Where a chat has stopped, the text stays in the outbox and is found there at the end.
    const addressee = () => (to === 'Walk' ? by.chat(to) : to)
    await this.does(`${by.name} says ${text}`, async () => by.say(addressee(), text), shows)
    this.said.push({ chat, text })
    await this.settled()
  }

  /** Links a device; when one of both died, it is linked as another one, and what is listed in vain is unlinked. */
  private async links(name: string): Promise<Device> {
    this.step = `link the ${name}`
    const { alice, world } = this
    for (let n = 0; n < tries; n++) {
      const linked = await world.link(alice.phone, n === 0 ? name : `${name}${n}`).catch((error: unknown) => {
        if (this.counter.killed === undefined) throw error
      })
      this.revive()
      await world.settle()
      const device = linked ?? alice.devices.at(-1)
      if (device !== alice.phone && device?.client.self() !== undefined) {
        return device
      }
      if (device !== undefined && device !== alice.phone) this.gone.add(device)
      const known = new Set(this.everybody().map((one) => one.client.self()?.device))
      for (const listed of await alice.phone.client.devices())
        if (!known.has(listed.device)) await alice.phone.client.unlink(listed.device)
    }
    throw new Error(`the ${name} was never linked`)
  }

  /** Everything comes to rest, at the latest after the half minute that a newcomer waits (C8). */
  private async rest(): Promise<void> {
    this.step = 'rest'
    await this.settled()
    for (const device of this.everybody()) await device.client.sync()
    await this.world.settle()
    await this.world.forward(31_000)
    for (const device of this.everybody()) await device.client.sync()
    await this.world.settle()
  }

  private async check(): Promise<void> {
    const { alice, bob } = this
    const [phone, tablet] = alice.devices.filter((one) => !this.gone.has(one))
    if (phone === undefined || tablet === undefined) throw new Error('Alice has two devices')
    this.step = 'write last words'
    for (const device of [phone, tablet, bob.phone, bob.web]) {
      const other = device === phone || device === tablet ? bob : alice
      await this.says(device, 'direct', other, `last of ${device.name}`)
      await device.say('self', `note of ${device.name}`)
    }
    for (const device of [phone, tablet]) await this.says(device, 'group', 'Walk', `walk of ${device.name}`)
    await this.world.settle()
    this.step = 'compare'
    for (const device of this.everybody()) {
      const { outbox, gaps, chatsPending } = device.client.status()
      expect({ by: device.name, outbox, gaps, chatsPending }).toEqual({
        by: device.name,
        outbox: 0,
        gaps: 0,
        chatsPending: 0,
      })
    }
    for (const device of [phone, tablet, bob.phone, bob.web])
      expect(device.client.chats().filter((one) => one.held !== undefined && one.title !== 'Walk')).toEqual([])
    expect(phone.shows('Walk')).toEqual(this.textsOf('group'))
    expect(phone.shows(bob)).toEqual(this.textsOf('direct'))
    for (const device of [bob.phone, bob.web]) expect(device.shows(alice)).toEqual(phone.shows(bob))
    // Who came later has what was said since.
    for (const chat of [bob, 'Walk']) {
      const shown = tablet.shows(chat)
      expect(shown.length).toBeGreaterThanOrEqual(2)
      expect(shown).toEqual(phone.shows(chat).slice(-shown.length))
    }
    for (const device of [bob.phone, bob.web]) expect(device.shows('Walk')).toEqual(['b2', 'a2', 'c1', 'b3', 'a3'])
    expect(this.carol.phone.shows('Walk')).toEqual(['c1'])
    expect(tablet.shows('self').filter((text) => text.startsWith('note'))).toHaveLength(2)
    expect(bob.web.shows('self')).toHaveLength(2)
  }

  private textsOf(chat: Said['chat']): readonly string[] {
    return this.said.filter((one) => one.chat === chat).map(({ text }) => text)
  }
}
