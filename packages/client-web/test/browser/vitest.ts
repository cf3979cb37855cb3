/** Stands in for `vitest` in a worker: its own `expect`, and tests that are collected and then run one by one. */
import { chai, JestChaiExpect, JestExtend } from '@vitest/expect'

chai.use(JestExtend)
chai.use(JestChaiExpect)

export const expect = (value: unknown, message?: string) => chai.expect(value, message)

/** What came of one test; `fault` is undefined when it passed. */
export interface Verdict {
  readonly name: string
  readonly fault: string | undefined
}

const collected: { readonly name: string; run(): unknown }[] = []

export function describe(_name: string, collect: () => void): void {
  collect()
}

export function test(name: string, run: () => unknown): void {
  collected.push({ name, run })
}

export async function runCollected(): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = []
  for (const { name, run } of collected) {
    try {
      await run()
      verdicts.push({ name, fault: undefined })
    } catch (error) {
      verdicts.push({ name, fault: error instanceof Error ? `${error.name}: ${error.message}` : 'thrown' })
    }
  }
  return verdicts
}
