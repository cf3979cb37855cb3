import type { ClientEvent } from '@quintet/client'
import type { OwnerPolicy } from '@quintet/relay'
import { Device, passOver, type Surroundings } from './device.ts'
import { kindOf, linkDevices, type LinkWishes } from './linking.ts'
import { Network } from './network.ts'
import { type Account, parseAccount, type Person } from './person.ts'
import { profileFolder, type WriteMoment } from './profile-database.ts'
import { Quiet } from './quiet.ts'
import { RelayHost } from './relay-host.ts'
import { seeded } from './seeded.ts'
import { virtualClock } from './virtual-clock.ts'

export interface WorldOptions {
  /** Repeats the order of frames, back-offs and whatever else the core draws. */
  readonly seed?: number
  readonly policy?: Partial<OwnerPolicy>
  /** `accept` (default): people accept whoever writes to them first. `wait`: requests wait (M4). */
  readonly requests?: 'accept' | 'wait'
  /** Called around every transaction of every device; it may kill the device there. */
  readonly writes?: (device: Device, moment: WriteMoment) => void
}

interface Kept extends Person {
  readonly devices: Device[]
}

/** People, their devices and a relay in one process, on a clock and a network of their own. */
export class World {
  readonly seed: number
  readonly network: Network
  readonly relay: RelayHost
  private readonly around: Surroundings
  private readonly people: Kept[] = []
  private readonly accepts: boolean
  private made = 0

  private constructor(options: WorldOptions) {
    // The engine reads the machine's clock for the lifetimes of key packages: the story begins now.
    const clock = virtualClock(Math.ceil(Date.now() / 1000) * 1000)
    this.seed = options.seed ?? (Date.now() * 7919) % 2 ** 31
    const chance = seeded(this.seed)
    this.network = new Network(clock, chance.fork('network'))
    const quiet = new Quiet(clock, this.network, () => this.relay.relay !== undefined && this.isSomebodyComing())
    this.around = {
      clock,
      network: this.network,
      quiet,
      folder: profileFolder(),
      chance,
      writes: options.writes ?? (() => {}),
    }
    this.relay = new RelayHost(
      { clock, network: this.network, chance: chance.fork('relay') },
      quiet,
      options.policy ?? {},
    )
    this.accepts = options.requests !== 'wait'
  }

  static async create(options: WorldOptions): Promise<World> {
    const world = new World(options)
    await world.relay.start()
    return world
  }

  /** The time of this world, ms. */
  now(): number {
    return this.around.clock.now()
  }

  /** Signs up with the first device, which is the main one, and links the others to it. */
  async account<const Name extends string>(
    handle: string,
    main: Name,
    ...others: readonly Name[]
  ): Promise<Account<Name>> {
    const first = this.device(handle, main)
    const { account, recovery } = await first.client.signUp({ handle, deviceName: main, kind: first.kind })
    const person: Kept = { handle, account, recovery, devices: [first] }
    this.people.push(person)
    await first.client.sync()
    const named = new Map<Name, Device>([[main, first]])
    for (const name of others) named.set(name, await this.link(first, name))
    return parseAccount(person, named)
  }

  /** Links a further device of the same account, approved by this one; it is among its person's devices at once. */
  async link(approver: Device, name: string, wishes: LinkWishes = {}): Promise<Device> {
    const [handle = ''] = approver.name.split('.')
    const device = this.device(handle, name)
    this.people.find((person) => person.handle === handle)?.devices.push(device)
    await linkDevices(approver, device, name, wishes)
    await device.client.sync()
    return device
  }

  /** A device without an account yet: for linking, recovery or sign-up by hand. */
  device(handle: string, name: string): Device {
    this.made += 1
    const address = `10.0.${this.made >> 8}.${this.made & 255}`
    const device = new Device(this.around, { name: `${handle}.${name}`, kind: kindOf(name), address }, (from, event) =>
      this.heed(from, event),
    )
    this.devices.push(device)
    return device
  }

  /** Until nothing is left to do; time passes as far as that needs. Fails when it never comes to rest. */
  settle(): Promise<void> {
    return this.around.quiet.settle()
  }

  /** Lets time pass, everything at its time; beyond ten minutes the machines sleep through it. */
  forward(ms: number): Promise<void> {
    return this.around.quiet.forward(ms)
  }

  /** Waits for something that happens in this world, which goes on meanwhile. */
  until<T>(promise: Promise<T>): Promise<T> {
    return this.around.quiet.until(promise)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const device of this.devices) device.freeze()
    await this.relay.stop()
    await this.around.quiet.idle()
    this.around.folder.remove()
  }

  private readonly devices: Device[] = []

  private isSomebodyComing(): boolean {
    return this.devices.some((device) => device.isComing)
  }

  /** People here answer the door, on the first of their devices that is there. */
  private heed(device: Device, event: ClientEvent): void {
    if (!this.accepts || event.event !== 'message') return
    const { chat } = event.message
    const person = this.people.find((one) => one.devices.includes(device))
    const answers = person?.devices.find(
      (one) => one.isRunning && one.client.self() && this.network.isReachable(one.name),
    )
    if (answers !== device || !device.client.chats().some((one) => one.chat === chat && one.request)) return
    device.client.accept(chat).catch(passOver)
  }
}

/** Opens a world; `await using` ends it. */
export function createWorld(options: WorldOptions = {}): Promise<World> {
  return World.create(options)
}
