import type { AccountId, ChatId } from '@quintet/domain'
import { bytesOfHex, hexOf } from '@quintet/domain'
import { verifySignature } from '@quintet/identity'
import { create, FailureCode, FrameSchema, protocolVersion, toBinary } from '@quintet/wire'
import { liveAccount, type LiveAccount } from './accounts/live-account.ts'
import { Book } from './book.ts'
import { restoredSetting } from './coming-back.ts'
import { liveChat, type LiveChat } from './chats/live-chat.ts'
import { Progress } from './chats/progress.ts'
import { Limits } from './limits/limits.ts'
import { Paced } from './limits/paced.ts'
import { OfferBook } from './offers/offer-book.ts'
import { defaultPolicy, type OwnerPolicy, policyOf } from './policy.ts'
import { type RelayObserver, type RelayRuntime, type RelaySocket, silentObserver } from './ports/runtime.ts'
import type { RelayStore } from './ports/store.ts'
import type { RelayCore } from './relay-core.ts'
import { Backlog } from './session/backlog.ts'
import { Hub } from './session/hub.ts'
import { Session } from './session/session.ts'
import { sweep } from './sweep.ts'

export interface RelayOptions {
  readonly store: RelayStore
  readonly runtime: RelayRuntime
  readonly observer?: RelayObserver
  /** What holds where the owner set nothing. */
  readonly defaults?: OwnerPolicy
  readonly software?: string
}

/** What a socket's owner calls. */
export interface RelayConnection {
  receive(bytes: Uint8Array): void
  /** It broke the protocol below this one, and is being closed for it. */
  broke?(): void
  /** Whether nobody has signed in on it yet. */
  readonly isStranger?: boolean
  /** It sent more than a stranger has to. */
  overdid?(): void
  closed(): void
}

export interface RelayNumbers {
  readonly connections: number
  readonly devices: number
  readonly chatsLoaded: number
  readonly accountsLoaded: number
}

/** A relay without a network: give it a store, a clock and connections. */
export interface Relay {
  readonly incarnation: Uint8Array
  accept(socket: RelaySocket): RelayConnection
  /** Somebody at that address wants something: undefined = let them, else in how many ms to come again. */
  knock(address: string): number | undefined
  /** Whether that address goes on knocking however often it is told: to be closed unheard. */
  isDeaf(address: string): boolean
  /** Reads anew what the owner set. */
  reloadPolicy(): Promise<OwnerPolicy>
  /** Forgets what retention says (R7). The host calls it now and then. */
  sweep(): Promise<number>
  /** Exactly these accounts are suspended: their devices are told at once and let in no more. */
  applySuspended(accounts: ReadonlySet<AccountId>): Promise<void>
  numbers(): RelayNumbers
  /** Says goodbye to everyone, writes down what is known, leaves the store open. */
  close(): Promise<void>
}

/**
 * Opens a relay on a store. The store's incarnation is kept, or made when there is none (R9): which key packages a
 * restored store has handed out since its backup is not known then, so that it forgets them (K2).
 */
export async function openRelay(options: RelayOptions): Promise<Relay> {
  const { store, runtime, observer = silentObserver, defaults = defaultPolicy, software = 'quintet' } = options
  const verify = runtime.verifyEd25519 ?? verifySignature
  let policy = policyOf(await store.settings.all(), defaults)
  let suspended: ReadonlySet<AccountId> = new Set()
  const incarnation = await incarnationOf(store, runtime)
  const restored = Number(await store.settings.get(restoredSetting))
  const core: RelayCore = {
    store,
    runtime,
    verify,
    observer,
    incarnation,
    restoredAtMs: restored > 0 ? restored : undefined,
    hub: new Hub(),
    accounts: new Book<AccountId, LiveAccount>(async (id) => {
      const stored = await store.accounts.load(id)
      return stored && liveAccount(stored, verify)
    }, 20_000),
    chats: new Book<ChatId, LiveChat>(async (id) => {
      const stored = await store.chats.load(id)
      return stored && liveChat(stored)
    }, 20_000),
    progress: new Progress(() => core),
    offers: new OfferBook(runtime.clock.now, runtime.random),
    limits: new Limits(() => policy, runtime.clock.now),
    reads: new Paced(() => policy.readBytes, runtime.clock),
    backlog: new Backlog(() => policy.maxBufferedBytesOfAll),
    policy: () => policy,
  }
  const doorway = new Doorway(core, software)
  return {
    incarnation,
    accept: (socket) => doorway.accept(socket),
    knock: (address) => core.limits.take('connectsPerAddress', address),
    isDeaf: (address) => core.limits.isDeaf(address),
    async reloadPolicy() {
      policy = policyOf(await store.settings.all(), defaults)
      return policy
    },
    sweep: () => sweep(core),
    async applySuspended(accounts) {
      for (const account of new Set([...suspended, ...accounts])) {
        const live = await core.accounts.get(account)
        if (live) live.suspended = accounts.has(account)
        if (!accounts.has(account)) continue
        for (const device of [...core.hub.devicesOf(account)]) {
          core.hub.device(device)?.dismiss(FailureCode.SUSPENDED, "The relay's owner has suspended this account.")
        }
      }
      suspended = accounts
    },
    numbers: () => ({
      connections: doorway.size,
      devices: core.hub.size,
      chatsLoaded: core.chats.size,
      accountsLoaded: core.accounts.size,
    }),
    async close() {
      doorway.close()
      await core.progress.close()
      await store.flushed()
    },
  }
}

async function incarnationOf(store: RelayStore, runtime: RelayRuntime): Promise<Uint8Array> {
  const kept = await store.settings.get('incarnation')
  if (kept !== undefined) return bytesOfHex(kept)
  await store.accounts.forgetKeyPackages()
  const made = runtime.random(16)
  await store.settings.set('incarnation', hexOf(made))
  return made
}

/** Who is in, and who still stands at the door. */
class Doorway {
  private readonly sessions = new Set<Session>()
  private readonly strangers = new Set<Session>()
  private readonly perAddress = new Map<string, number>()
  private readonly strangersPerAddress = new Map<string, number>()
  private readonly core: RelayCore
  private readonly software: string
  private watching: (() => void) | undefined
  private closing = false

  constructor(core: RelayCore, software: string) {
    this.core = core
    this.software = software
  }

  get size(): number {
    return this.sessions.size
  }

  accept(socket: RelaySocket): RelayConnection {
    const challenge = this.core.runtime.random(32)
    const session = new Session(this.core, socket, challenge, this)
    const there = count(this.perAddress, socket.address, 1)
    this.sessions.add(session)
    this.strangers.add(session)
    const unknown = count(this.strangersPerAddress, socket.address, 1)
    this.core.observer.count('connections-opened')
    const { connectionsPerAddress, strangersPerAddress } = this.core.policy()
    if (this.closing) {
      session.dismiss(FailureCode.UNAVAILABLE, 'The relay is shutting down.')
    } else if (there > connectionsPerAddress || unknown > strangersPerAddress) {
      session.dismiss(FailureCode.RATE_LIMITED, 'Too many connections from this address.')
    } else {
      session.push(this.greeting(challenge))
      this.watch()
    }
    return session
  }

  private greeting(challenge: Uint8Array): Uint8Array {
    const policy = this.core.policy()
    const value = {
      protocolMin: protocolVersion,
      protocolMax: protocolVersion,
      incarnation: this.core.incarnation,
      challenge,
      relayTimeMs: BigInt(this.core.runtime.clock.now()),
      software: this.software,
      policy: {
        signUp: policy.signUp,
        maxDevices: policy.maxDevices,
        maxFrameBytes: policy.maxFrameBytes,
        maxEntryBytes: policy.maxEntryBytes,
        retentionMs: BigInt(policy.retentionMs),
        fetchLimit: policy.fetchLimit,
        heartbeatMs: BigInt(policy.heartbeatMs),
      },
    }
    return toBinary(FrameSchema, create(FrameSchema, { kind: { case: 'greeting', value } }))
  }

  readonly onEnter = (session: Session): void => {
    if (this.strangers.delete(session)) count(this.strangersPerAddress, session.address, -1)
  }

  readonly onEnd = (session: Session): void => {
    this.sessions.delete(session)
    this.onEnter(session)
    count(this.perAddress, session.address, -1)
    this.core.observer.count('connections-closed')
  }

  /** Lets nobody stand at the door for long who neither signs in nor waits for a link to be approved. */
  private watch(): void {
    const { clock } = this.core.runtime
    const { unauthenticatedMs } = this.core.policy()
    this.watching ??= clock.after(unauthenticatedMs, () => {
      this.watching = undefined
      const now = clock.now()
      for (const session of this.strangers) {
        if (Math.abs(now - session.activeAtMs) >= unauthenticatedMs && !this.core.offers.waits(session)) {
          session.dismiss(FailureCode.UNAUTHENTICATED, 'Nobody signed in here.')
        }
      }
      if (this.strangers.size > 0) this.watch()
    })
  }

  close(): void {
    this.closing = true
    this.watching?.()
    this.watching = undefined
    for (const session of [...this.sessions]) session.dismiss(FailureCode.UNAVAILABLE, 'The relay is shutting down.')
  }
}

function count(counts: Map<string, number>, address: string, by: number): number {
  const there = (counts.get(address) ?? 0) + by
  if (there > 0) counts.set(address, there)
  else counts.delete(address)
  return there
}
