import { run } from '../lib/run.js'
import { root } from '../lib/root.js'
import { checkApi } from './api.ts'
import { findArrowFaults } from './arrows.ts'
import { checkExamples } from './examples.ts'
import { type Check, type Verdict, verdictOf } from './verdict.ts'
import { findDeadLinks } from './links.ts'
import { findStyleFaults } from './style.ts'
import { checkTypes } from './types.ts'
import { readTree } from './tree.ts'

async function tool(command: string, ...args: readonly string[]): Promise<Verdict> {
  const { code, output } = await run(command, args)
  return { ok: code === 0, output }
}

/** What `npm run verify` looks at, the slow ones first. */
export const checks: readonly Check[] = [
  { name: 'types', run: checkTypes },
  { name: 'unused', run: () => tool('knip', '--no-progress') },
  { name: 'lint', run: () => tool('oxlint', '--type-aware', '--deny-warnings') },
  {
    name: 'format',
    run: () => tool('biome', 'check', '--error-on-warnings', '--diagnostic-level=warn', '--max-diagnostics=60'),
  },
  { name: 'api', run: () => checkApi('compare') },
  { name: 'examples', run: checkExamples },
  { name: 'protocol', run: () => tool('buf', 'lint', 'protocol') },
  { name: 'arrows', run: async () => verdictOf(findArrowFaults(readTree(root))) },
  { name: 'style', run: async () => verdictOf(findStyleFaults(readTree(root))) },
  { name: 'links', run: async () => verdictOf(findDeadLinks(root)) },
]
