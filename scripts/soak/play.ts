import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { FoundSoak } from './find-soaks.ts'
import { type Outcome, type Report, sum } from './report.ts'

export interface Play {
  readonly seed: number
  /** How many rounds; undefined: as many as `seconds` allow, but one at least. */
  readonly rounds?: number
  readonly seconds?: number
  /** A round that takes longer hangs: its process is killed, and the next round gets a new one. */
  readonly hangSeconds?: number
  readonly log: (line: string) => void
}

const part = fileURLToPath(new URL('./part.ts', import.meta.url))

/** How many broken rounds of a part are enough to look at. */
const maxFailures = 10

class Tally {
  rounds = 0
  counters: Outcome['counters'] = {}
  readonly failures: Outcome['failures'][number][] = []
  readonly heaps: number[] = []
  underWay: number | undefined

  take(report: Report): void {
    switch (report.kind) {
      case 'began':
        this.underWay = report.seed
        return
      case 'played':
        this.#ended()
        this.counters = sum(this.counters, report.counters)
        this.heaps.push(report.heapMb)
        return
      case 'failed':
        this.fail(report.seed, report.why)
        return
    }
  }

  fail(seed: number, why: string): void {
    this.#ended()
    this.failures.push({ seed, why })
  }

  #ended(): void {
    this.rounds += 1
    this.underWay = undefined
  }
}

/** Plays in one process until it ends; a round that it did not survive counts as failed. */
async function playOnce(found: FoundSoak, first: number, rounds: number, play: Play, until: number, tally: Tally) {
  const child: ChildProcess = fork(part, [found.file, String(first), String(rounds)], { execArgv: ['--expose-gc'] })
  const hangMs = (play.hangSeconds ?? 900) * 1000
  let hung = false
  const kill = () => {
    hung = true
    child.kill('SIGKILL')
  }
  let watch: NodeJS.Timeout | undefined
  child.on('message', (report: Report) => {
    clearTimeout(watch)
    watch = setTimeout(kill, hangMs)
    tally.take(report)
    if (report.kind === 'failed') play.log(`${found.soak.name}: seed ${report.seed} failed: ${report.why}`)
    if (report.kind === 'began') return
    const isOver = Date.now() >= until || tally.failures.length >= maxFailures
    if (child.connected) child.send(isOver ? 'stop' : 'next')
  })
  const [code, signal]: unknown[] = await once(child, 'exit')
  clearTimeout(watch)
  const seed = tally.underWay
  if (seed === undefined) return code === 0
  const why = hung ? `no end after ${hangMs / 1000} s` : `its process ended (${String(signal ?? code)})`
  tally.fail(seed, why)
  play.log(`${found.soak.name}: seed ${seed} failed: ${why}`)
  return true
}

/** Plays one part; what goes wrong is in the outcome. */
export async function playSoak(found: FoundSoak, play: Play): Promise<Outcome> {
  const from = Date.now()
  const until = play.seconds === undefined ? Number.POSITIVE_INFINITY : from + play.seconds * 1000
  const wanted = play.rounds ?? Number.POSITIVE_INFINITY
  const tally = new Tally()
  do {
    const left = wanted - tally.rounds
    const couldGoOn = await playOnce(
      found,
      play.seed + tally.rounds,
      Number.isFinite(left) ? left : 0,
      play,
      until,
      tally,
    )
    if (!couldGoOn) {
      tally.fail(play.seed + tally.rounds, 'the part could not be started')
      break
    }
  } while (tally.rounds < wanted && Date.now() < until && tally.failures.length < maxFailures)
  const { heaps } = tally
  const early = heaps[Math.min(heaps.length - 1, Math.ceil(heaps.length / 10))] ?? 0
  return {
    name: found.soak.name,
    rounds: tally.rounds,
    counters: tally.counters,
    failures: tally.failures,
    seconds: (Date.now() - from) / 1000,
    heapMb: { early, late: heaps.at(-1) ?? 0 },
  }
}
