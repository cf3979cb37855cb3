import { existsSync, readdirSync } from 'node:fs'
import { inRoot } from '../lib/root.js'
import { run } from '../lib/run.js'
import type { Verdict } from './verdict.ts'

function projects(): readonly string[] {
  const modules = ['packages', 'apps'].flatMap((kind) => readdirSync(inRoot(kind)).map((name) => `${kind}/${name}`))
  return [...modules, 'scripts', 'tsconfig.test.json'].filter((path) =>
    existsSync(inRoot(path.endsWith('.json') ? path : `${path}/tsconfig.json`)),
  )
}

/** Every package under its own flags (the core without DOM and Node), then all tests. */
export async function checkTypes(): Promise<Verdict> {
  const outputs: string[] = []
  for (const project of projects()) {
    const { code, output } = await run('tsc', ['-p', project, '--noEmit', '--pretty', 'false'])
    if (code !== 0) outputs.push(`${project}:\n${output}`)
  }
  return { ok: outputs.length === 0, output: outputs.join('\n') }
}
