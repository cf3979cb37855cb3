import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../../../client/src', import.meta.url))
const wrappers = new Set(['client.ts', 'store/until-closed.ts'])

/** Every place in the client's source that begins a transaction, as `chat/create.ts:87`. */
export function transactionSites(): readonly string[] {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !/\.(test|contract)\.ts$/.test(file) && !wrappers.has(file),
  )
  return files.flatMap((file) =>
    readFileSync(join(source, file), 'utf8')
      .split('\n')
      .flatMap((line, at) => (/\bcore\.write\(|\bdb\.transaction\(/.test(line) ? [`${file}:${at + 1}`] : [])),
  )
}

/** Where in the client's source the transaction under way was begun; undefined: elsewhere. */
export function siteOfCaller(): string | undefined {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 30
  const { stack = '' } = new Error('where am I')
  Error.stackTraceLimit = limit
  for (const line of stack.split('\n')) {
    const found = /((?:file:\/\/)?\/[^\s()]*\/client\/src\/[^\s():]+):(\d+):\d+/.exec(line)
    if (found?.[1] === undefined) continue
    const file = relative(source, found[1].replace('file://', ''))
    if (!wrappers.has(file)) return `${file}:${found[2]}`
  }
  return undefined
}
