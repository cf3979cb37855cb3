import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench } from '../../../scripts/bench/bench.ts'
import { measureTen, tenFigures } from './measure-ten.ts'
import { measureThousand, thousandFigures } from './measure-thousand.ts'
import { startRelay } from '../../../scripts/bench/relay.ts'

/** Whole clients with profiles on the disk, and a relay in a process of its own. */
export const bench: Bench = {
  figures: [...tenFigures, ...thousandFigures],
  async *measure(wanted) {
    const folder = mkdtempSync(join(tmpdir(), 'quintet-bench-'))
    try {
      await using relay = await startRelay(folder)
      if (tenFigures.some((name) => wanted.has(name)))
        for await (const figure of measureTen(folder, relay.url, (name) => wanted.has(name)))
          if (wanted.has(figure.name)) yield figure
      if (thousandFigures.some((name) => wanted.has(name)))
        for await (const figure of measureThousand(folder, relay.url)) if (wanted.has(figure.name)) yield figure
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}
