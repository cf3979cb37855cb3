import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { inRoot } from './root.js'
import { isBuilt, stampBuilt } from './stamp.js'

const app = 'stamp-test'
const folder = `.cache/${app}`
const sources = [`${folder}/one.ts`, `${folder}/two.ts`]
const everything = [inRoot(folder), inRoot('dist', app), inRoot(`.cache/built-${app}`)]
const clear = () => {
  for (const path of everything) rmSync(path, { recursive: true, force: true })
}

beforeEach(() => {
  clear()
  mkdirSync(inRoot(folder), { recursive: true })
  mkdirSync(inRoot('dist', app), { recursive: true })
  for (const file of sources) writeFileSync(inRoot(file), 'export {}')
})
afterAll(clear)

/** Later than anything that was written before, by the clock for files too. */
const later = () => Date.now() + 100

test('what was built of its sources stays built, whatever lies beside them', () => {
  expect(isBuilt(app)).toBe(false)
  stampBuilt(app, sources, later())
  expect(isBuilt(app)).toBe(true)
  writeFileSync(inRoot(folder, 'three.ts'), 'export {}')
  expect(isBuilt(app)).toBe(true)
})

test.each([
  ['a source that changed', () => writeFileSync(inRoot(folder, 'two.ts'), 'export const two = 2')],
  ['a source that is gone', () => rmSync(inRoot(folder, 'two.ts'))],
  ['a bundle that is gone', () => rmSync(inRoot('dist', app), { recursive: true })],
  ['a stamp that is none', () => writeFileSync(inRoot(`.cache/built-${app}`), 'f00d')],
])('%s: built anew', (_name, change) => {
  stampBuilt(app, sources, later())
  change()
  expect(isBuilt(app)).toBe(false)
})

test('a source that changed while it was being built: built anew', () => {
  const since = Date.now() - 1
  writeFileSync(inRoot(folder, 'two.ts'), 'export const two = 2')
  stampBuilt(app, sources, since)
  expect(isBuilt(app)).toBe(false)
})
