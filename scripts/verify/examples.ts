import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { inRoot, root } from '../lib/root.js'
import { run } from '../lib/run.js'
import type { Verdict } from './verdict.ts'
import { codeBlocks, readPages } from './markdown.ts'

const folder = '.cache/examples'

/** Type-checks every ```ts block of the docs as a file of its own. */
export async function checkExamples(): Promise<Verdict> {
  rmSync(inRoot(folder), { recursive: true, force: true })
  mkdirSync(inRoot(folder), { recursive: true })
  let count = 0
  for (const page of readPages(root)) {
    codeBlocks(page.text, 'ts').forEach((code, index) => {
      const name = page.path.replace(/\.md$/, '').replace(/[^\w]+/g, '-')
      writeFileSync(inRoot(folder, `${name}-${index + 1}.ts`), `${code}\nexport {}\n`)
      count++
    })
  }
  if (count === 0) return { ok: true, output: '' }
  const config = { extends: '../../tsconfig.node.json', compilerOptions: { noUnusedLocals: false }, include: ['*.ts'] }
  writeFileSync(inRoot(folder, 'tsconfig.json'), JSON.stringify(config))
  const { code, output } = await run('tsc', ['-p', folder, '--noEmit', '--pretty', 'false'])
  return { ok: code === 0, output }
}
