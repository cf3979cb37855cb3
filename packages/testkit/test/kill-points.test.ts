import { expect, test } from 'vitest'
import { type Death, drawDeath, play, pointsOf } from './kill-points/choose.ts'
import { scenes } from './kill-points/scenes/index.ts'

/** `all`, `SCENE` or `SCENE#POINT`; without it as many as a test run has time for (`npm run soak` plays more). */
const wanted = process.env['QUINTET_KILL_POINTS']
const usual = 48

async function deaths(): Promise<readonly Death[]> {
  if (wanted === undefined) return Promise.all(Array.from({ length: usual }, (_, n) => drawDeath(7_700 + n)))
  const [name = '', point] = wanted.split('#')
  const all: Death[] = []
  for (const scene of scenes.filter((one) => wanted === 'all' || one.name === name)) {
    const length = await pointsOf(scene)
    for (let at = 0; at < length; at++) if (point === undefined || Number(point) === at) all.push({ scene, point: at })
  }
  return all
}

test(
  'a device killed at any step that writes or sends: nothing is lost, doubled or stuck',
  async () => {
    const failures: string[] = []
    let died = 0
    for (const death of await deaths()) {
      try {
        if (await play(death)) died += 1
      } catch (error) {
        const failure = error instanceof Error ? error.message.slice(0, 2_000) : 'a throw that is no error'
        failures.push(failure)
        console.error(failure)
      }
    }
    expect(failures).toEqual([])
    expect(died).toBeGreaterThan(wanted?.includes('#') ? 0 : usual * 0.8)
  },
  wanted === undefined ? 300_000 : 6 * 3_600_000,
)
