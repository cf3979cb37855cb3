import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Refusal } from '../lib/fail.js'
import { root } from '../lib/root.js'
import { type FoundSoak, findSoaks } from './find-soaks.ts'
import { playSoak } from './play.ts'
import { type Outcome, summary } from './report.ts'

function parseNumber(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0) throw new Refusal(`--${name} takes a number, not ${text}.`)
  return value
}

/** A seed for this run: the parts count on from it. */
const newSeed = () => Math.floor(Math.random() * 1_000_000_000)

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
  const play = async (found: FoundSoak): Promise<Outcome> => {
    const log = (line: string) => console.log(line)
    const outcome = await playSoak(found, {
      seed,
      log,
      ...(seconds !== undefined ? { seconds } : { rounds: isReplay ? 1 : found.soak.rounds }),
    })
    log(`${found.soak.name}: done in ${Math.round(outcome.seconds)} s, ${outcome.failures.length} failed`)
    return outcome
  }
  const outcomes = await inJobs(parts, jobs, play)
  console.log(`\n${summary(outcomes)}`)
  const failed = outcomes.reduce((count, { failures }) => count + failures.length, 0)
  if (failed > 0) throw new Refusal(`${failed} rounds failed; the lines above play each of them again.`)
  console.log('Nothing lost, nothing doubled, nothing out of order: every round kept its promises.')
}
