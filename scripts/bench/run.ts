import { readdirSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { Refusal } from '../lib/fail.js'
import { inRoot, root } from '../lib/root.js'
import type { Bench, Figure } from './bench.ts'
import { describeMachine } from './machine.ts'

function parseModule(module: { readonly bench?: Bench }): Bench {
  if (module.bench === undefined) throw new Refusal('A *.bench.ts must export `bench`.')
  return module.bench
}

/** Every `*.bench.ts` in the `bench` folder of a package or app. */
async function findBenches(): Promise<readonly Bench[]> {
  const benches: Bench[] = []
  for (const kind of ['packages', 'apps']) {
    const files = readdirSync(inRoot(kind), { recursive: true, encoding: 'utf8' })
      .filter((path) => /^[^/]+\/bench\/[^/]+\.bench\.ts$/.test(path))
      .sort()
    for (const file of files) benches.push(parseModule(await import(pathToFileURL(inRoot(kind, file)).href)))
  }
  return benches
}

function show(figure: Figure): string {
  const detail = Object.entries(figure.detail).map(([key, value]) => `${key} ${value}`)
  return `${figure.name.padEnd(28)} ${String(figure.value).padStart(10)} ${figure.unit.padEnd(6)} ${detail.join(', ')}`
}

/** `--only NAME` (the beginning of a figure's name; may stand several times), `--json FILE`, `--list`. */
export async function runBenches(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string', multiple: true },
      json: { type: 'string' },
      list: { type: 'boolean' },
    },
  })
  const only = values.only ?? []
  const isWanted = (name: string) => only.length === 0 || only.some((start) => name.startsWith(start))
  const benches = await findBenches()
  const names = benches.flatMap((bench) => bench.figures).filter(isWanted)
  if (names.length === 0) throw new Refusal(`No figure is called ${only.join(' or ')}. --list names them all.`)
  if (values.list === true) return console.log(names.join('\n'))
  const machine = describeMachine()
  for (const [key, value] of Object.entries(machine)) console.log(`${key.padEnd(12)} ${value}`)
  console.log(`folder       ${root}\n`)
  const figures: Figure[] = []
  for (const bench of benches) {
    const wanted = new Set(bench.figures.filter(isWanted))
    if (wanted.size === 0) continue
    for await (const figure of bench.measure(wanted)) {
      figures.push(figure)
      console.log(show(figure))
    }
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ machine, figures }, undefined, 2)}\n`)
}
