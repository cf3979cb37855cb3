import type { Play } from './play.ts'

/** A short story from a world that was saved, with its own points at which somebody may die. */
export interface Scene {
  readonly name: string
  /** `strangers`: four devices of three people who have not met. `friends`: Alice linked a laptop, they talk and walk. */
  readonly from: 'strangers' | 'friends'
  /** What happens to the world before anybody may die. */
  before?(play: Play): Promise<void>
  run(play: Play): Promise<void>
  /** What has to be true besides what is true after every scene. */
  after?(play: Play): void | Promise<void>
}
