import { type Client, ClientError, type ClientEvent, type LoadEngine, openClient, type Sent } from '@quintet/client'
import { nodeEngineLoader } from '@quintet/client-node'
import type { ChatId, DeviceKind, Tick } from '@quintet/domain'
import type { Database } from '@quintet/client'
import { driven } from './driven.ts'
import type { Network } from './network.ts'
import type { ProfileCopy, ProfileDatabase, ProfileFolder, WriteMoment } from './profile-database.ts'
import type { Quiet } from './quiet.ts'
import type { Seeded } from './seeded.ts'
import type { VirtualClock } from './virtual-clock.ts'
import { WorldError } from './world-error.ts'

/** What every device of one world shares. */
export interface Surroundings {
  readonly clock: VirtualClock
  readonly network: Network
  readonly quiet: Quiet
  readonly folder: ProfileFolder
  readonly chance: Seeded
  /** Called around every transaction of every running device, which may be killed there. */
  readonly writes: (device: Device, moment: WriteMoment) => void
  /** Key packages of each suite that a device keeps at the relay; undefined = as many as in real life. */
  readonly keyPackageStock?: number | undefined
}

export interface DeviceDescription {
  readonly name: string
  readonly kind: DeviceKind
  /** Where it stands in the network. */
  readonly address: string
}

type Engine = ReturnType<LoadEngine>

/** From start to end of one process. */
interface Life {
  readonly raw: Client
  readonly client: Client
  readonly profile: ProfileDatabase
  readonly engine: () => Engine | undefined
  readonly transport: ReturnType<Network['transport']>
  readonly clock: ReturnType<VirtualClock['mortal']>
  readonly kill: () => void
}

export const relayUrl = 'http://relay.test:4747'
const patienceMs = 60_000
const loadEngine = nodeEngineLoader()

/** Whoever is written to: a person, `self`, or a chat. */
export type Addressee = { readonly handle: string } | string

/** One device of a person, and the process that its client runs in. */
export class Device {
  /** `bob.laptop` */
  readonly name: string
  readonly kind: DeviceKind
  /** Everything that the client has told since the device exists. */
  readonly events: ClientEvent[] = []
  private readonly around: Surroundings
  readonly address: string
  private readonly chance: Seeded
  private readonly heed: (device: Device, event: ClientEvent) => void
  private life: Life | undefined
  private left: ProfileCopy | undefined
  private writesLeft: number | undefined
  private clockIsOffMs = 0

  constructor(
    around: Surroundings,
    who: DeviceDescription,
    heed: (device: Device, event: ClientEvent) => void,
    from?: ProfileCopy,
  ) {
    this.around = around
    this.name = who.name
    this.kind = who.kind
    this.address = who.address
    this.chance = around.chance.fork(who.name)
    this.heed = heed
    this.begin(from)
  }

  /** The client itself; whoever awaits one of its promises lets the world go on meanwhile. */
  get client(): Client {
    return this.alive().client
  }

  /** The database of the running process, for tests that damage it. */
  get database(): Database {
    return this.alive().profile.database
  }

  /** The engine of the running process as it stands, for tests that compare what devices know; undefined = not loaded yet. */
  get engine(): Engine | undefined {
    return this.alive().engine()
  }

  get isRunning(): boolean {
    return this.life !== undefined
  }

  /** It has a network and a relay to reach and is not in yet; one that was refused for good never will be. */
  get isComing(): boolean {
    if (this.life === undefined || !this.around.network.isReachable(this.name)) return false
    const state = this.events.findLast((event) => event.event === 'state')
    return state?.event === 'state' && !state.connected && state.code === undefined
  }

  // ---- what a person does with it

  /** Writes a text; resolves when the relay holds it. */
  say(to: Addressee, text: string): Promise<Sent> {
    return this.client.send(addressOf(to), text, { waitMs: patienceMs })
  }

  /** Writes a text and puts the device away: it goes when it can. */
  async jot(to: Addressee, text: string): Promise<void> {
    try {
      await this.client.send(addressOf(to), text, { waitMs: 0 })
    } catch (error) {
      const kept = error instanceof ClientError && error.details.queued === true
      if (!kept) throw error
    }
  }

  /** What others have written, as this device shows it, oldest first; of one chat, or of all. */
  heard(from?: Addressee): readonly string[] {
    const own = this.client.self()?.handle
    const chats = from === undefined ? this.client.chats().map((chat) => chat.chat) : [this.chat(from)]
    return chats
      .flatMap((chat) => this.client.messages(chat, longest))
      .filter((message) => message.from !== own && message.text !== undefined)
      .sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
      .flatMap((message) => message.text ?? [])
  }

  /** Every text of one chat as it is shown, those of this account too. */
  shows(to: Addressee): readonly string[] {
    return this.client.messages(this.chat(to), longest).flatMap((message) => message.text ?? [])
  }

  /** The tick beside a text that this account has written. */
  tickOf(text: string): Tick | undefined {
    for (const { chat } of this.client.chats()) {
      const message = this.client.messages(chat, longest).find((one) => one.text === text && one.tick !== undefined)
      if (message !== undefined) return message.tick
    }
    throw new WorldError('no-message', `${this.name} shows no such text of its own account`)
  }

  /** The chat with a person, with oneself, or of that title. */
  chat(to: Addressee): ChatId {
    const wanted = addressOf(to)
    const found = this.client
      .chats()
      .find(
        (chat) =>
          chat.chat === wanted ||
          (chat.kind === 'self' && wanted === 'self') ||
          (chat.kind === 'direct' && chat.with.includes(wanted)) ||
          (chat.kind === 'group' && chat.title === wanted),
      )
    if (found === undefined) throw new WorldError('no-chat', `${this.name} shows no chat with ${wanted}`)
    return found.chat
  }

  // ---- what happens to it

  /** No network from now on. */
  disconnect(): void {
    this.around.network.disconnect(this.name)
  }

  /** A network again; the app notices, as it does when it comes to the front. */
  connect(): void {
    this.around.network.connect(this.name)
    // What becomes of it is for `settle` to tell: nobody waits for this call.
    const ended = (error: unknown) => (error instanceof WorldError ? undefined : passOver(error))
    if (this.life !== undefined) void this.client.online(patienceMs).catch(ended)
  }

  /** Sets its clock wrong by so much, while it runs; 0 sets it right. Timers are not touched by that, as on a machine. */
  setClockOff(ms: number): void {
    this.clockIsOffMs = ms
  }

  /** The profile as it stands now, to go back to. */
  copy(): ProfileCopy {
    return this.alive().profile.copy()
  }

  /** Ends the process at once: what is written stays, what is under way is lost, nobody is told. */
  kill(): void {
    const life = this.alive()
    this.life = undefined
    this.left = life.profile.copy()
    life.transport.end()
    life.clock.end()
    life.kill()
  }

  /** Kills it right after the `transactions`-th transaction from now, wherever that is in what it does. */
  crashAfter(transactions: number): void {
    this.writesLeft = transactions
  }

  /** Starts the process anew over what the killed one left, or over an older copy; kills the running one first. */
  restart(options: { readonly from?: ProfileCopy } = {}): void {
    if (this.life !== undefined) this.kill()
    this.writesLeft = undefined
    this.begin(options.from ?? this.left)
  }

  /** Closes the app in order, as a person does; what is stored is what `restart` goes on from. */
  async close(): Promise<void> {
    const life = this.alive()
    await this.around.quiet.until(life.raw.close())
    if (this.life === life) this.life = undefined
    this.left = life.profile.closedCopy()
    life.clock.end()
  }

  /** Takes it off network and clock for good: the world ends, and nobody goes on in a profile that is gone. */
  freeze(): void {
    this.life?.transport.end()
    this.life?.clock.end()
    this.life = undefined
  }

  private alive(): Life {
    if (this.life === undefined) throw new WorldError('killed', `${this.name} does not run`)
    return this.life
  }

  private begin(from: ProfileCopy | undefined): void {
    const { network, clock, folder, quiet } = this.around
    const profile = folder.open(from, (moment) => {
      // Somebody killed may still be on its way through what it did last.
      if (this.life?.profile === profile) this.writes(moment)
    })
    const transport = network.transport(this.name, this.address)
    const mortal = clock.mortal()
    // One promise for a whole life would remember everybody who ever waited.
    const waiting = new Set<(why: WorldError) => void>()
    const kill = () => {
      for (const reject of waiting) reject(new WorldError('killed', `${this.name} was killed meanwhile`))
    }
    const orKilled = <T>(promise: Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        waiting.add(reject)
        promise.then(resolve, reject).finally(() => waiting.delete(reject))
      })
    const stock = this.around.keyPackageStock
    let engine: Engine | undefined
    const raw = openClient(
      {
        database: profile.database,
        transport,
        clock: { ...mortal, now: () => mortal.now() + this.clockIsOffMs, steady: () => mortal.now() },
        random: { bytes: (length) => this.chance.bytes(length) },
        loadEngine(rows, nowSeconds) {
          engine = loadEngine(rows, nowSeconds)
          return engine
        },
        name: 'Testland',
      },
      { relay: relayUrl, ...(stock !== undefined && { keyPackageStock: stock }) },
    )
    const client = driven(raw, (promise) => quiet.until(orKilled(promise)))
    const life: Life = { raw, client, profile, engine: () => engine, transport, clock: mortal, kill }
    this.life = life
    raw.on((event) => {
      if (this.life !== life) return
      this.events.push(event)
      this.heed(this, event)
    })
  }

  private writes(moment: WriteMoment): void {
    this.around.writes(this, moment)
    if (moment === 'before' || this.writesLeft === undefined || this.life === undefined) return
    this.writesLeft -= 1
    if (this.writesLeft > 0) return
    this.writesLeft = undefined
    this.kill()
  }
}

const longest = 100_000

function addressOf(to: Addressee): string {
  return typeof to === 'string' ? to : to.handle
}

/** For what nobody waits for: a refusal of the client, or a process that ended meanwhile, is told elsewhere. */
export function passOver(error: unknown): void {
  const killed = error instanceof WorldError && error.code === 'killed'
  if (!killed && !(error instanceof ClientError)) throw error
}
