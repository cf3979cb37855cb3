import type { Counters } from './soak.ts'

/** What the process of a part tells while it plays. */
export type Report =
  | { readonly kind: 'began'; readonly seed: number }
  | { readonly kind: 'played'; readonly seed: number; readonly counters: Counters; readonly heapMb: number }
  | { readonly kind: 'failed'; readonly seed: number; readonly why: string }

/** How a part went. */
export interface Outcome {
  readonly name: string
  readonly rounds: number
  readonly counters: Counters
  readonly failures: readonly { readonly seed: number; readonly why: string }[]
  readonly seconds: number
  /** Heap of the part's process after a collection, after its first rounds and after its last, MB. */
  readonly heapMb: { readonly early: number; readonly late: number }
}

export function sum(a: Counters, b: Counters): Counters {
  const all: Record<string, number> = { ...a }
  for (const [key, value] of Object.entries(b)) all[key] = (all[key] ?? 0) + value
  return all
}

/** One outcome for each part, of all its pieces. */
export function together(outcomes: readonly Outcome[]): readonly Outcome[] {
  const byName = new Map<string, Outcome>()
  for (const one of outcomes) {
    const before = byName.get(one.name)
    byName.set(one.name, before === undefined ? one : joined(before, one))
  }
  return [...byName.values()]
}

function joined(a: Outcome, b: Outcome): Outcome {
  return {
    name: a.name,
    rounds: a.rounds + b.rounds,
    counters: sum(a.counters, b.counters),
    failures: [...a.failures, ...b.failures],
    seconds: a.seconds + b.seconds,
    heapMb: { early: Math.min(a.heapMb.early, b.heapMb.early), late: Math.max(a.heapMb.late, b.heapMb.late) },
  }
}

function show(outcome: Outcome): string {
  const counters = Object.entries(outcome.counters).map(([key, value]) => `${value} ${key}`)
  const heap = `heap ${outcome.heapMb.early} -> ${outcome.heapMb.late} MB`
  const head = `${outcome.name.padEnd(18)} ${String(outcome.rounds).padStart(6)} rounds, ${outcome.failures.length} failed`
  return [`${head}, ${Math.round(outcome.seconds)} s, ${heap}`, ...counters].join(', ')
}

/** The summary: a line for each part, then each failure with the command that plays it again. */
export function summary(outcomes: readonly Outcome[]): string {
  const failures = outcomes.flatMap(({ name, failures }) =>
    failures.map(({ seed, why }) => `${name}: ${why}\n  again: npm run soak -- --only ${name} --seed ${seed}`),
  )
  return [...outcomes.map(show), ...failures].join('\n')
}
