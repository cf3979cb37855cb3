import type { Client } from '@quintet/client-node'
import type { Screen } from './screen.ts'
import type { Settings } from './settings.ts'

/** What a command works with. */
export interface Job {
  readonly client: Client
  readonly screen: Screen
  readonly settings: Settings
}

/** A command as it was asked for, its arguments bound. */
export interface Task {
  readonly name: string
  /** Whether the profile must be part of an account already. */
  readonly needsAccount: boolean
  run(job: Job): Promise<void>
}
