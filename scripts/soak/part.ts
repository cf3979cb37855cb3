/**
 * Plays rounds of one part in a process of its own, so that a crash or a hang there costs nobody else theirs.
 *
 * Arguments: file, first seed, rounds (0: until told to stop). Tells the parent by messages (report.ts), which answers
 * each round by `next` or `stop`.
 */
import { once } from 'node:events'
import { collect } from './collect.ts'
import { loadSoak } from './find-soaks.ts'
import type { Report } from './report.ts'

const [file = '', first = '0', rounds = '0'] = process.argv.slice(2)
process.on('disconnect', () => process.exit(1))

const tell = (report: Report) => void process.send?.(report)
const soak = await loadSoak(file)
const last = Number(rounds) === 0 ? Number.POSITIVE_INFINITY : Number(first) + Number(rounds)
for (let seed = Number(first); seed < last; seed++) {
  const answer = once(process, 'message')
  tell({ kind: 'began', seed })
  try {
    const counters = await soak.round(seed)
    tell({ kind: 'played', seed, counters, heapMb: collect() })
  } catch (error) {
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error)
    tell({ kind: 'failed', seed, why })
  }
  const [said]: unknown[] = await answer
  if (said === 'stop') break
}
process.exit(0)
