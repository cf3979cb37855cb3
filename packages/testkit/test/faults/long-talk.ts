import { deepEqual } from 'node:assert/strict'
import { createWorld, type Device, type World } from '@quintet/testkit'

const atOnce = 20

/** Two people who talk for as long as one likes, over connections that break now and then, in one process that goes on. */
export class LongTalk implements AsyncDisposable {
  private readonly world: World
  private readonly devices: readonly [Device, Device]
  private said = 0

  private constructor(world: World, devices: LongTalk['devices']) {
    this.world = world
    this.devices = devices
  }

  static async begin(seed: number): Promise<LongTalk> {
    const world = await createWorld({ seed })
    const alice = await world.account('alice', 'phone')
    const bob = await world.account('bob', 'phone')
    await alice.phone.say(bob, 'hello')
    await world.settle()
    return new LongTalk(world, [alice.phone, bob.phone])
  }

  /** So many more messages, each read on the other side, with a reconnect after every twenty. */
  async goOn(messages: number): Promise<{ readonly messages: number; readonly reconnects: number }> {
    const [alice, bob] = this.devices
    let reconnects = 0
    for (let n = 0; n < messages; n += atOnce) {
      const [from, to] = n % (2 * atOnce) === 0 ? [alice, bob] : [bob, alice]
      const texts = Array.from({ length: atOnce }, () => `text ${this.said++}`)
      for (const text of texts) await from.say(from.chat({ handle: nameOf(to) }), text)
      await this.world.settle()
      const chat = to.chat({ handle: nameOf(from) })
      deepEqual(
        to.client.messages(chat, atOnce).map((one) => one.text),
        texts,
      )
      await to.client.markRead(chat)
      from.disconnect()
      from.connect()
      await this.world.settle()
      reconnects += 1
      // What the testkit remembers of a device is no memory of the client's.
      for (const device of this.devices) device.events.splice(0, device.events.length - 1)
    }
    return { messages, reconnects }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]()
  }
}

const nameOf = (device: Device) => device.name.split('.')[0] ?? ''
