import { createWorld } from '@quintet/testkit'
import { KillCounter } from './counter.ts'
import { Play } from './play.ts'
import type { Scene } from './scene.ts'
import { settingOf } from './settings.ts'

/** Plays a scene; `point` says where a device dies, undefined: nobody does, and the points are counted. */
export async function perform(scene: Scene, point: number | undefined, seed: number): Promise<KillCounter> {
  const counter = new KillCounter(point)
  await using world = await createWorld({ seed, writes: counter.writes, from: await settingOf(scene.from) })
  const play = new Play(world, counter)
  if (scene.from === 'friends') {
    const [phone, laptop] = [play.device('alice.phone'), play.device('alice.laptop')]
    const others = [play.device('bob.phone'), play.device('bob.web')]
    for (const chat of ['alice+bob', 'Walk']) play.enter(chat, phone, laptop, ...others)
  }
  for (const handle of ['alice', 'bob', 'carol']) play.enter(`${handle}+${handle}`, ...world.person(handle).devices)
  await scene.before?.(play)
  await world.settle()
  counter.start(world, () => play.everybody())
  try {
    await scene.run(play)
    await play.settled()
    counter.stop()
    play.step = 'rest'
    await play.rest()
    await play.check()
    await scene.after?.(play)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const { killed } = counter
    const where = killed && `${killed.device} died ${killed.at}, during "${play.killedIn}"`
    error.message = `${scene.name}, point ${point}: ${where ?? 'nobody died'}; at "${play.step}": ${error.message}`
    throw error
  }
  return counter
}
