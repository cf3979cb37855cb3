import type { ClientEvent } from '@quintet/client'
import type { OwnerPolicy } from '@quintet/relay'
import { Device, type DeviceDescription, passOver, type Surroundings } from './device.ts'
import { kindOf, linkDevices, type LinkWishes } from './linking.ts'
import { Network } from './network.ts'
import { type Account, parseAccount, type Person } from './person.ts'
import { type ProfileCopy, profileFolder, type WriteMoment } from './profile-database.ts'
import { Quiet } from './quiet.ts'
import { RelayHost } from './relay-host.ts'
import type { SavedDevice, SavedWorld } from './saved-world.ts'
import { seedEngines } from './seed-engines.ts'
import { seeded } from './seeded.ts'
import { virtualClock } from './virtual-clock.ts'
import { WorldError } from './world-error.ts'

export interface WorldOptions {
  /** Repeats a story frame by frame: the order of frames, back-offs, keys, and whatever else is drawn. */
  readonly seed?: number
  readonly policy?: Partial<OwnerPolicy>
  /** `accept` (default): people accept whoever writes to them first. `wait`: requests wait (M4). */
  readonly requests?: 'accept' | 'wait'
  /** Key packages of each suite that a device keeps at the relay (K1): making them is what takes a new device longest. */
  readonly keyPackageStock?: number
  /** Called around every transaction of every device; it may kill the device there. */
  readonly writes?: (device: Device, moment: WriteMoment) => void
  /** Goes on from a world that was saved: every device starts anew over what it had stored. */
  readonly from?: SavedWorld
}

interface Kept extends Person {
  readonly devices: Device[]
}

/** When every world begins: what a seed tells does not depend on the day. */
const firstDay = Date.UTC(2027, 0, 4, 9)

/** People, their devices and a relay in one process, on a clock and a network of their own. */
export class World {
  readonly seed: number
  readonly network: Network
  readonly relay: RelayHost
  private readonly around: Surroundings
  private readonly people: Kept[] = []
  private readonly accepts: boolean
  private readonly unseedEngines: () => void
  private made = 0

  private constructor(options: WorldOptions) {
    const clock = virtualClock(options.from?.now ?? firstDay)
    this.seed = options.seed ?? (Date.now() * 7919) % 2 ** 31
    // What a saved world has drawn is not drawn again in those that go on from it.
    const chance = options.from ? seeded(this.seed).fork(`from ${options.from.now}`) : seeded(this.seed)
    this.unseedEngines = seedEngines(seeded(this.seed))
    this.network = new Network(clock, chance.fork('network'))
    const quiet = new Quiet(clock, this.network, () => this.relay.relay !== undefined && this.isSomebodyComing())
    this.around = {
      clock,
      network: this.network,
      quiet,
      folder: profileFolder(),
      chance,
      writes: options.writes ?? (() => {}),
      keyPackageStock: options.keyPackageStock,
    }
    this.relay = new RelayHost(
      { clock, network: this.network, chance: chance.fork('relay') },
      quiet,
      options.policy ?? {},
      options.from?.relay,
    )
    this.accepts = options.requests !== 'wait'
  }

  static async create(options: WorldOptions): Promise<World> {
    const world = new World(options)
    await world.relay.start()
    for (const { handle, account, recovery, devices } of options.from?.people ?? []) {
      const person: Kept = { handle, account, recovery, devices: [] }
      world.people.push(person)
      for (const device of devices) person.devices.push(world.bringIn(device, world.around.folder.keep(device.profile)))
    }
    if (options.from !== undefined) await world.settle()
    return world
  }

  /** As it is now, at rest and with every device connected. */
  async save(): Promise<SavedWorld> {
    await this.settle()
    const { folder } = this.around
    const saved = (device: Device): SavedDevice => {
      const { name, kind, address } = device
      return { name, kind, address, profile: folder.bytesOf(device.copy()) }
    }
    return {
      now: this.now(),
      relay: this.relay.backup(),
      people: this.people.map(({ handle, account, recovery, devices }) => {
        const running = devices.filter((device) => device.isRunning)
        return { handle, account, recovery, devices: running.map(saved) }
      }),
    }
  }

  /** Somebody who was here before this world was saved. */
  person(handle: string): Person {
    return this.people.find((one) => one.handle === handle) ?? nobody(handle)
  }

  /** One device by its whole name, `bob.laptop`. */
  deviceNamed(name: string): Device {
    return this.devices.find((one) => one.name === name) ?? nobody(name)
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
    return this.bringIn({ name: `${handle}.${name}`, kind: kindOf(name), address })
  }

  private bringIn(who: DeviceDescription, from?: ProfileCopy): Device {
    this.made = Math.max(this.made, this.devices.length + 1)
    const device = new Device(this.around, who, (about, event) => this.heed(about, event), from)
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
    this.unseedEngines()
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

function nobody(name: string): never {
  throw new WorldError('nobody', `nobody here is called ${name}`)
}

/** Opens a world; `await using` ends it. */
export function createWorld(options: WorldOptions = {}): Promise<World> {
  return World.create(options)
}
