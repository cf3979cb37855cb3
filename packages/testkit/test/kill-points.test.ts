import { seeded } from '@quintet/testkit'
import { expect, test } from 'vitest'
import { Story } from './kill-points/story.ts'

/** `all`, one number, `from-to` or `from-to/every`; without it as many as a test run has time for. */
const wanted = process.env['QUINTET_KILL_POINTS']
const seed = 77
const usual = 10

function chosen(count: number): readonly number[] {
  if (wanted === 'all') return Array.from({ length: count }, (_, point) => point)
  const usually = Math.floor(count / usual)
  const first = seeded(seed).int(usually)
  const [range = '', step] = (wanted ?? `${first}-${count - 1}/${usually}`).split('/')
  const [from = 0, to = from] = range.split('-').map(Number)
  const every = Number(step ?? 1)
  return Array.from({ length: Math.floor((Math.min(to, count - 1) - from) / every) + 1 }, (_, n) => from + n * every)
}

test(
  'a device killed at any step that writes or sends: nothing is lost, doubled or stuck',
  async () => {
    const plain = await Story.tell(undefined, seed)
    const { length } = plain.counter.points
    expect(length).toBeGreaterThan(500)
    const failures: string[] = []
    let died = 0
    for (const point of chosen(length)) {
      try {
        const story = await Story.tell(point, seed)
        if (story.counter.killed !== undefined) died += 1
      } catch (error) {
        const failure = error instanceof Error ? error.message.slice(0, 2_000) : 'a throw that is no error'
        failures.push(failure)
        console.error(failure)
      }
    }
    console.log(`${died} deaths at ${length} points`)
    expect(failures).toEqual([])
    expect(died).toBeGreaterThan(0)
  },
  wanted === undefined ? 180_000 : 6 * 3_600_000,
)
