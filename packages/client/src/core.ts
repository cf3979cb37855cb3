import type { MlsEngine } from '@quintet/crypto'
import type { AccountId, ChatId, DeviceId } from '@quintet/domain'
import type { ClientEvent } from './api.ts'
import type { Clock, Database, MakeSigner, Random } from './ports.ts'
import type { RelayLink } from './relay/link.ts'

/** Who this profile is, once it is part of an account. */
export interface Own {
  readonly account: AccountId
  readonly device: DeviceId
  /** Log position of the entry that added this device (C3). */
  readonly position: bigint
}

/** What every part of the core works with. */
export interface Core {
  readonly db: Database
  readonly clock: Clock
  readonly random: Random
  readonly relay: RelayLink
  readonly platformName: string
  /** Undefined where the platform has none of its own. */
  readonly makeSigner?: MakeSigner | undefined
  /** How many key packages of each suite wait at the relay (K1); undefined = as many as the rule says. */
  readonly keyPackageStock?: number | undefined
  /** Loads it at first use: a list of chats needs no MLS. */
  engine(): MlsEngine
  /** undefined before sign-up, linking or recovery. */
  own(): Own | undefined
  /** As `own`, but fails with `profile-empty`. */
  mustOwn(): Own
  /**
   * One transaction: what `work` wrote and every engine row that changed (P5). Events it returns by `emit` go out after
   * the commit. When it throws, nothing of it stays, the engine's loaded groups included.
   */
  write<T>(work: (emit: (event: ClientEvent) => void) => T): T
  /** One task at a time per chat, in the order asked: fetching, committing and sending never interleave. */
  serial<T>(chat: ChatId, task: () => Promise<T>): Promise<T>
  /** For what is not stored (typing, connection). */
  emit(event: ClientEvent): void
  /** The relay's clock, as far as its greeting told: our clock plus the difference. */
  relayNow(): number
}
