import { expect, test } from 'vitest'
import { type Death, drawDeath, play, played } from './kill-points/choose.ts'
import { scenes } from './kill-points/scenes/index.ts'
import { transactionSites } from './kill-points/sites.ts'

/** `all`, `SCENE` or `SCENE#POINT`; without it as many as a test run has time for (`npm run soak` plays more). */
const wanted = process.env['QUINTET_KILL_POINTS']
const usual = 48

/** Where something was lost once, and around it. */
const found = new Map([['both write first', [69, 70, 71, 72]]])

async function deaths(): Promise<readonly Death[]> {
  if (wanted === undefined) {
    const drawn = await Promise.all(Array.from({ length: usual }, (_, n) => drawDeath(7_700 + n)))
    const again = scenes.flatMap((scene) => (found.get(scene.name) ?? []).map((point) => ({ scene, point })))
    return [...drawn, ...again]
  }
  const [name = '', point] = wanted.split('#')
  const all: Death[] = []
  for (const scene of scenes.filter((one) => wanted === 'all' || one.name === name)) {
    const { length } = (await played(scene)).points
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

/** Files whose transactions no scene comes by: what they keep of a lie, or what another test plays the deaths of. */
const elsewhere = new Set([
  'chat/admit.ts', // a group that is refused: false-words.test.ts
  'chat/check-roster.ts', // a fault is noted, and nothing rests on it
  'chat/confirm.ts', // a thief's word is given up: attacks
  'chat/follow-commits.ts', // a relay that shows another group: attacks
  'chat/outbox.ts', // --no-queue: one row goes
  'chat/reach-floor.ts', // a death before it leaves the chat held as unconfirmed (C8); a lie: joining.test.ts
  'chat/resync.ts', // a fault is noted
  'chat/self-repair.ts', // a question is queued; it is asked again
  'chat/settle-sealed.ts', // repair-crash.test.ts
  'device/statement.ts', // only a new version of the app says something new
  'store/migrate.ts', // before anybody counts: migrate.test.ts, damaged.test.ts
])

test('scenes come by every part of the client that writes', { timeout: 300_000 }, async () => {
  const met = new Set<string>()
  for (const scene of scenes) for (const site of (await played(scene)).sites) met.add(fileOf(site))
  const missed = new Set(
    transactionSites()
      .map(fileOf)
      .filter((file) => !met.has(file) && !elsewhere.has(file)),
  )
  expect([...missed]).toEqual([])
})

const fileOf = (site: string) => site.replace(/:\d+$/, '')
