import type { AccountId } from '@quintet/domain'
import type { MemoryStore } from '@quintet/relay'
import type { DeviceDescription } from './device.ts'

/** A world at rest, to go on from as often as one likes: what relay and devices had on disk, and who they belong to. */
export interface SavedWorld {
  readonly now: number
  readonly relay: MemoryStore
  readonly people: readonly SavedPerson[]
}

interface SavedPerson {
  readonly handle: string
  readonly account: AccountId
  readonly recovery: string
  readonly devices: readonly SavedDevice[]
}

export interface SavedDevice extends DeviceDescription {
  /** Its database. */
  readonly profile: Uint8Array
}
