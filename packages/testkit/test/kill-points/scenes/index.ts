import type { Scene } from '../scene.ts'
import { accountScenes } from './account.ts'
import { groupScenes } from './group.ts'
import { healingScenes } from './healing.ts'
import { linkScenes } from './link.ts'
import { timeScenes } from './time.ts'
import { wordScenes } from './words.ts'

/** Everything in which a device may die. */
export const scenes: readonly Scene[] = [
  ...accountScenes,
  ...linkScenes,
  ...wordScenes,
  ...groupScenes,
  ...healingScenes,
  ...timeScenes,
]
