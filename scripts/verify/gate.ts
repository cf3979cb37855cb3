import { checks } from './checks.ts'
import type { Check } from './verdict.ts'

async function runCheck(check: Check): Promise<boolean> {
  const from = performance.now()
  const { ok, output } = await check.run()
  const seconds = ((performance.now() - from) / 1000).toFixed(1)
  console.log(`${ok ? '✓' : '✗'} ${check.name} (${seconds} s)`)
  if (!ok) console.log(`${output.trim().replace(/^/gm, '    ')}\n`)
  return ok
}

/**
 * Runs the checks so named, or all of them, two at a time.
 *
 * An unknown name counts as failed: a check that does not run must not look like one that passed.
 */
export async function runGate(
  names: readonly string[] = [],
): Promise<{ readonly passed: number; readonly failed: number }> {
  const unknown = names.filter((name) => !checks.some((check) => check.name === name))
  for (const name of unknown)
    console.log(`✗ ${name}: no such check. There are: ${checks.map((c) => c.name).join(', ')}`)
  const waiting = checks.filter((check) => names.length === 0 || names.includes(check.name))
  let passed = 0
  let failed = unknown.length
  const work = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      if (await runCheck(check)) passed++
      else failed++
    }
  }
  await Promise.all([work(), work()])
  return { passed, failed }
}
