import { seeded } from '@quintet/testkit'
import type { KillCounter } from './counter.ts'
import { perform } from './perform.ts'
import { scenes } from './scenes/index.ts'
import type { Scene } from './scene.ts'

/** Where in which scene somebody dies. */
export interface Death {
  readonly scene: Scene
  readonly point: number
}

const storySeed = 1
const plain = new Map<Scene, Promise<KillCounter>>()

/** A scene without a death, which has to end well too: its points, and where its transactions begin. Played once. */
export function played(scene: Scene): Promise<KillCounter> {
  const known = plain.get(scene) ?? perform(scene, undefined, storySeed)
  plain.set(scene, known)
  return known
}

/** A scene and a point of it drawn from a seed, every scene as likely as any other. */
export async function drawDeath(seed: number): Promise<Death> {
  const chance = seeded(seed)
  const scene = scenes[chance.int(scenes.length)]
  if (scene === undefined) throw new RangeError('there are scenes')
  return { scene, point: chance.int((await played(scene)).points.length) }
}

/** Plays it; answers whether the story came by that point at all: what the relay sends first is not the same every time. */
export async function play({ scene, point }: Death): Promise<boolean> {
  return (await perform(scene, point, storySeed)).killed !== undefined
}
