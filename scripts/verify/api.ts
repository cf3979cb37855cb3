import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { inRoot } from '../lib/root.js'
import { run } from '../lib/run.js'
import type { Verdict } from './verdict.ts'

/** The packages that others build on: what they export is a promise. */
const promised = ['client', 'client-node']
const folder = '.cache/api'

/** The declarations that an index hands on, its own re-exports followed, in the order in which it names them. */
function declarationsFrom(file: string, base: string, seen = new Set<string>()): readonly string[] {
  if (seen.has(file) || !existsSync(file)) return []
  seen.add(file)
  const text = readFileSync(file, 'utf8')
  const own = text.replace(/^export \* from .*\n?/gm, '').trim()
  const handedOn = [...text.matchAll(/^export (?:type )?(?:\*|\{[^}]*\}) from ['"](\.[^'"]+)\.ts['"]/gm)]
  const deeper = handedOn.flatMap(([, target = '']) =>
    declarationsFrom(`${join(dirname(file), target)}.d.ts`, base, seen),
  )
  const block = own === '' || own === 'export {};' ? [] : [`// ${relative(base, file)}\n${own}`]
  return [...block, ...deeper]
}

async function reportOf(name: string): Promise<string> {
  const out = inRoot(folder, name)
  rmSync(out, { recursive: true, force: true })
  const emit = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--outDir', out, '--pretty', 'false']
  const rootDir = ['--rootDir', inRoot('packages')]
  await run('tsc', ['-p', `packages/${name}`, ...emit, ...rootDir])
  const base = join(out, name, 'src')
  const blocks = declarationsFrom(join(base, 'index.d.ts'), base)
  const head = `# @quintet/${name}: public API\n\nWritten by \`npm run api\`, compared by \`npm run verify\`. A change here is a change of what others build on.\n`
  return `${head}\n\`\`\`\`typescript\n${blocks.join('\n\n')}\n\`\`\`\`\n`
}

/** Compares the committed reports with what the packages export now, or writes them anew. */
export async function checkApi(mode: 'compare' | 'write'): Promise<Verdict> {
  const changed: string[] = []
  for (const name of promised) {
    const file = inRoot('docs/api', `${name}.md`)
    const report = await reportOf(name)
    const kept = existsSync(file) ? readFileSync(file, 'utf8') : ''
    if (report === kept) continue
    if (mode === 'compare')
      changed.push(`docs/api/${name}.md differs from what @quintet/${name} exports: \`npm run api\` writes it anew`)
    else {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, report)
    }
  }
  return { ok: changed.length === 0, output: changed.join('\n') }
}
