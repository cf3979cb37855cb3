import { join } from 'node:path'
import { type Client, type ClientEvent, openClient } from '@quintet/client'
import { nodeClock } from '../src/clock.ts'
import { nodeDatabase } from '../src/database.ts'
import { nodeEngineLoader } from '../src/engine.ts'
import { nodeRandom } from '../src/random.ts'
import { nodeSigner } from '../src/signer.ts'
import { nodeTransport } from '../src/transport.ts'
import { Probe } from './probe.ts'

let made = 0

/** One device with a profile of its own on the disk: all that an app has but its window. */
export class Person {
  readonly handle: string
  readonly probe = new Probe()
  client: Client
  private readonly file: string
  private readonly relay: string

  private constructor(folder: string, relay: string) {
    this.handle = `p${++made}`
    this.file = join(folder, `${this.handle}.db`)
    this.relay = relay
    this.client = this.open()
  }

  static async signUp(folder: string, relay: string): Promise<Person> {
    const person = new Person(folder, relay)
    await person.client.signUp({ handle: person.handle })
    return person
  }

  private open(): Client {
    return openClient(
      {
        database: nodeDatabase(this.file),
        transport: this.probe.watchTransport(nodeTransport()),
        clock: nodeClock(),
        random: nodeRandom(),
        loadEngine: this.probe.watchEngine(nodeEngineLoader()),
        makeSigner: nodeSigner,
        name: 'Bench',
      },
      { relay: this.relay },
    )
  }

  /** As an app that is closed and opened again. */
  async reopen(): Promise<void> {
    await this.client.close()
    this.client = this.open()
  }

  /** Its keys of all chats are lost, as to a bad disk; its own and what it knows of others are not. To be opened again. */
  async loseChatKeys(): Promise<void> {
    await this.client.close()
    const database = nodeDatabase(this.file)
    // The kinds of the engine's rows that are of a device and not of a group (crates/mls/src/store.rs).
    database.run("delete from mls where substr(key, 1, 1) not in (x'0c', x'0d')")
    database.close()
  }

  /** The time, ms, at which this device tells of the first event that `is` the one; its transaction has committed then. */
  tells(is: (event: ClientEvent) => boolean): Promise<number> {
    return new Promise((resolve) => {
      const stop = this.client.on((event) => {
        if (!is(event)) return
        stop()
        resolve(performance.now())
      })
    })
  }
}
