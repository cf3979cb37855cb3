import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Refusal } from '../lib/fail.js'
import { root } from '../lib/root.js'
import { type FoundSoak, findSoaks } from './find-soaks.ts'
import { playSoak } from './play.ts'
import { type Outcome, summary, together } from './report.ts'

function parseNumber(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0) throw new Refusal(`--${name} takes a number, not ${text}.`)
  return value
}

/** A seed for this run: the parts count on from it. */
const newSeed = () => Math.floor(Math.random() * 1_000_000_000)

/** Rounds of a part that one process plays; what is left when all others have ended is spread over all jobs. */
const atOnce = 200

interface Piece {
  readonly found: FoundSoak
  /** Counted from the seed of the run. */
  readonly offset: number
  readonly rounds: number
}

/** A complete run; parts of many rounds come last, in pieces. */
function inPieces(parts: readonly FoundSoak[]): readonly Piece[] {
  const pieces = parts.map((found) =>
    Array.from({ length: Math.ceil(found.soak.rounds / atOnce) }, (_, at) => {
      const offset = at * atOnce
      return { found, offset, rounds: Math.min(atOnce, found.soak.rounds - offset) }
    }),
  )
  return pieces.sort((a, b) => Math.min(a.length, 2) - Math.min(b.length, 2)).flat()
}

/** Hands out the parts to as many as `jobs` at a time, the next one to whoever is free. */
async function inJobs<T, R>(parts: readonly T[], jobs: number, work: (part: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = []
  const queue = parts.map((part, at) => ({ part, at }))
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results[next.at] = await work(next.part)
  }
  await Promise.all(Array.from({ length: jobs }, worker))
  return results
}

/**
 * The complete counts of every part, or with `--minutes` what fits into that time. `--only NAME` (may stand several
 * times), `--seed N` (with `--only`: that one round again, exactly), `--jobs N`, `--list`.
 */
export async function runSoaks(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string', multiple: true },
      minutes: { type: 'string' },
      seed: { type: 'string' },
      jobs: { type: 'string' },
      list: { type: 'boolean' },
    },
  })
  const only = values.only
  const all = await findSoaks(root)
  const unknown = only?.find((name) => !all.some(({ soak }) => soak.name === name))
  if (unknown !== undefined) throw new Refusal(`No part is called ${unknown}. --list names them all.`)
  const parts = all.filter(({ soak }) => only === undefined || only.includes(soak.name))
  if (values.list === true)
    return console.log(
      parts.map(({ soak }) => `${soak.name.padEnd(18)} ${String(soak.rounds).padStart(6)}  ${soak.about}`).join('\n'),
    )
  const given = parseNumber(values.seed, 'seed')
  const minutes = parseNumber(values.minutes, 'minutes')
  const jobs = Math.max(1, parseNumber(values.jobs, 'jobs') ?? availableParallelism())
  const seed = given ?? newSeed()
  const isReplay = given !== undefined && only !== undefined
  const seconds = minutes === undefined ? undefined : (minutes * 60 * Math.min(jobs, parts.length)) / parts.length
  console.log(`seed ${seed}, ${parts.length} parts, ${jobs} at a time`)
  const pieces: readonly Piece[] =
    isReplay || seconds !== undefined ? parts.map((found) => ({ found, offset: 0, rounds: 1 })) : inPieces(parts)
  const play = async ({ found, offset, rounds }: Piece): Promise<Outcome> => {
    const log = (line: string) => console.log(line)
    const outcome = await playSoak(found, {
      seed: seed + offset,
      log,
      ...(seconds !== undefined ? { seconds } : { rounds }),
    })
    const { name } = found.soak
    log(`${name}: ${outcome.rounds} rounds in ${Math.round(outcome.seconds)} s, ${outcome.failures.length} failed`)
    return outcome
  }
  const outcomes = together(await inJobs(pieces, jobs, play))
  console.log(`\n${summary(outcomes)}`)
  const failed = outcomes.reduce((count, { failures }) => count + failures.length, 0)
  if (failed > 0) throw new Refusal(`${failed} rounds failed; the lines above play each of them again.`)
  console.log('Nothing lost, nothing doubled, nothing out of order: every round kept its promises.')
}
