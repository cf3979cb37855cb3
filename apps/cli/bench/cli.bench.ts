import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, Figure } from '../../../scripts/bench/bench.ts'
import { sampleProcess } from '../../../scripts/bench/sample.ts'
import { inRoot } from '../../../scripts/lib/root.js'
import { makeProfile } from './profile.ts'
import { startRelay } from '../../../scripts/bench/relay.ts'

/** What `npx quintet` runs. */
const quintet = inRoot('apps/cli/bin/quintet.js')

const sizes = [1, 300]

/** How long a command takes in a terminal, process start included. */
export const bench: Bench = {
  figures: ['cli.start_ms', ...sizes.flatMap((size) => [`cli.chats_ms.${size}`, `cli.send_ms.${size}`])],
  async *measure(wanted) {
    if (wanted.has('cli.start_ms')) yield await sampleProcess('cli.start_ms', () => [quintet, '--help'])
    for (const size of sizes) yield* ofProfile(size, wanted)
  },
}

async function* ofProfile(chats: number, wanted: ReadonlySet<string>): AsyncIterable<Figure> {
  const names = { chats: `cli.chats_ms.${chats}`, send: `cli.send_ms.${chats}` }
  if (!Object.values(names).some((name) => wanted.has(name))) return
  const folder = mkdtempSync(join(tmpdir(), 'quintet-bench-'))
  try {
    await using relay = await startRelay(folder)
    const { dir, groups } = await makeProfile(folder, relay.url, chats)
    const run = (...argv: readonly string[]) => [quintet, '--profile', dir, '--json', ...argv]
    if (wanted.has(names.chats)) yield await sampleProcess(names.chats, () => run('chats'))
    // Each time into another one: none is warm.
    const to = (at: number) => groups[(at * 7) % groups.length] ?? 'self'
    if (wanted.has(names.send)) yield await sampleProcess(names.send, (at) => run('send', to(at), `Number ${at}`))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
