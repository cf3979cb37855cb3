import { createHash } from 'node:crypto'
import {
  defaultPolicy,
  type MemoryStore,
  memoryStore,
  openRelay,
  type OwnerPolicy,
  type Relay,
  restoredSetting,
} from '@quintet/relay'
import type { Frame } from '@quintet/wire'
import type { Network } from './network.ts'
import type { Quiet } from './quiet.ts'
import type { Seeded } from './seeded.ts'
import type { Impostor, Tamper } from './tamper.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** The real relay over a store in memory that outlives it, and the ways in which it can be made to lie. */
export class RelayHost {
  private current: MemoryStore
  private readonly parts: { readonly clock: VirtualClock; readonly network: Network; readonly chance: Seeded }
  private readonly quiet: Quiet
  private readonly policy: OwnerPolicy
  private running: { readonly relay: Relay; readonly clock: ReturnType<VirtualClock['mortal']> } | undefined

  constructor(parts: RelayHost['parts'], quiet: Quiet, policy: Partial<OwnerPolicy>, from?: MemoryStore) {
    this.current = from?.copy() ?? memoryStore()
    this.parts = parts
    this.quiet = quiet
    this.policy = { ...defaultPolicy, ...policy }
  }

  get store(): MemoryStore {
    return this.current
  }

  /** The relay that runs; undefined while it is stopped. */
  get relay(): Relay | undefined {
    return this.running?.relay
  }

  async start(): Promise<void> {
    const clock = this.parts.clock.mortal()
    const { chance } = this.parts
    const relay = await openRelay({
      store: this.store,
      runtime: {
        clock,
        random: (length) => chance.bytes(length),
        sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
      },
      defaults: this.policy,
    })
    this.running = { relay, clock }
    this.parts.network.serve(relay)
  }

  /** Ends it. By `kill` nobody is told and nothing is written down any more; by `close` it says goodbye first. */
  async stop(how: 'kill' | 'close' = 'kill'): Promise<void> {
    const stopped = this.running
    if (stopped === undefined) return
    this.running = undefined
    if (how === 'close') await stopped.relay.close()
    stopped.clock.end()
    this.parts.network.serve(undefined)
    // What it was about to write when it ended is written or not, but not while its successor runs.
    await this.quiet.idle()
  }

  /** A new relay over the same store. */
  async restart(how: 'kill' | 'close' = 'kill'): Promise<void> {
    await this.stop(how)
    await this.start()
  }

  /** What the owner would put away now; to be given to `restore`. */
  backup(): MemoryStore {
    return this.current.copy()
  }

  /** The owner puts a backup in place of what is there, under a new incarnation (R9). */
  async restore(backup: MemoryStore): Promise<void> {
    await this.stop()
    this.current = backup.copy()
    await this.current.settings.set('incarnation', undefined)
    await this.current.settings.set(restoredSetting, String(this.parts.clock.now()))
    await this.start()
  }

  /** Shows every frame, in both directions, to `tamper`, which says what to pass on; answers how to stop. */
  tamper(tamper: Tamper): () => void {
    return this.parts.network.tamper(tamper)
  }

  /** Says something to a device that the relay never said: a push, an answer. False when it is not connected. */
  inject(device: { readonly name: string }, frame: Frame): boolean {
    return this.parts.network.inject(device.name, frame)
  }

  /** Lets a device speak to an impostor instead; with undefined, to the relay again. */
  takeOver(device: { readonly name: string }, impostor: Impostor | undefined): void {
    this.parts.network.takeOver(device.name, impostor)
  }
}
