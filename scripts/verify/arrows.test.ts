import { expect, test } from 'vitest'
import { root } from '../lib/root.js'
import { arrows, findArrowFaults } from './arrows.ts'
import { type Module, readTree } from './tree.ts'

const allowed = { 'packages/low': [], 'packages/high': ['packages/low'] }

/** A package of `packages/`, its files given as path → text. Files named `….test.ts` are tests. */
function pkg(name: string, dependencies: readonly string[], files: Readonly<Record<string, string>>): Module {
  return {
    name: `@quintet/${name}`,
    folder: `packages/${name}`,
    dependencies,
    devDependencies: [],
    exports: ['.'],
    files: Object.entries(files).map(([path, text]) => ({ path, text, isTest: path.endsWith('.test.ts') })),
  }
}

const low = (files: Readonly<Record<string, string>> = { 'src/index.ts': 'export const one = 1' }) =>
  pkg('low', [], files)

test('a package that leans on the layer below it is let through', () => {
  const high = pkg('high', ['@quintet/low'], { 'src/index.ts': "export { one } from '@quintet/low'" })
  expect(findArrowFaults([low(), high], allowed)).toEqual([])
})

test.each([
  ['a value', "import { two } from '@quintet/high'\nexport const three = two"],
  ['a type', "import type { Two } from '@quintet/high'\nexport type Three = Two"],
  ['a re-export', "export * from '@quintet/high'"],
  ['a dynamic import', "export const two = () => import('@quintet/high')"],
])('an import against the arrows is found: %s', (_, text) => {
  const upward = pkg('low', ['@quintet/high'], { 'src/index.ts': text })
  const high = pkg('high', [], { 'src/index.ts': 'export const two = 2\nexport type Two = 2' })
  expect(findArrowFaults([upward, high], allowed)).toEqual([
    'packages/low/src/index.ts: packages/low may not import packages/high',
  ])
})

test('a cycle of two files is found, and one of types alone is none', () => {
  const cycle = low({
    'src/a.ts': "import { b } from './b.ts'\nexport const a = () => b",
    'src/b.ts': "import { a } from './a.ts'\nexport const b = () => a",
  })
  expect(findArrowFaults([cycle], allowed)).toEqual(['packages/low: import cycle src/a.ts → src/b.ts → src/a.ts'])
  const types = low({
    'src/a.ts': "import type { B } from './b.ts'\nexport type A = B[]",
    'src/b.ts': "import type { A } from './a.ts'\nexport type B = A[]",
  })
  expect(findArrowFaults([types], allowed)).toEqual([])
})

test('a package reached past its exports is found, by name or by path', () => {
  const high = pkg('high', ['@quintet/low'], {
    'src/deep.ts': "export { one } from '@quintet/low/src/index.ts'",
    'src/path.ts': "export { one } from '../../low/src/index.ts'",
  })
  expect(findArrowFaults([low(), high], allowed)).toEqual([
    'packages/high/src/deep.ts: @quintet/low/src/index.ts is not exported by @quintet/low',
    'packages/high/src/path.ts: reaches out of its package by ../../low/src/index.ts',
  ])
})

test('a test may use the scripts of the checkout, what ships may not', () => {
  const text = "export { root } from '../../../scripts/lib/root.js'"
  expect(findArrowFaults([low({ 'src/a.test.ts': text, 'src/b.ts': text })], allowed)).toEqual([
    'packages/low/src/b.ts: reaches out of its package by ../../../scripts/lib/root.js',
  ])
})

test('a manifest that names too little or too much is found', () => {
  const high = pkg('high', ['unused'], { 'src/index.ts': "export { one } from '@quintet/low'" })
  expect(findArrowFaults([low(), high], allowed)).toEqual([
    'packages/high: imports @quintet/low, package.json does not depend on it',
    'packages/high: package.json depends on unused, nothing that ships imports it',
  ])
})

test('a test may lean on more, once the manifest names it', () => {
  const text = "import { test } from 'vitest'\nimport { two } from '@quintet/high'\ntest('', () => two)"
  const high = pkg('high', [], { 'src/index.ts': 'export const two = 2' })
  const quiet = low({ 'src/index.test.ts': text })
  expect(findArrowFaults([quiet, high], allowed)).toEqual([
    'packages/low: a test imports @quintet/high, package.json does not name it',
  ])
  expect(findArrowFaults([{ ...quiet, devDependencies: ['@quintet/high'] }, high], allowed)).toEqual([])
})

test('Node in a package for every runtime is found', () => {
  const core = { ...pkg('domain', [], { 'src/index.ts': "import 'node:fs'\nimport 'path'" }), name: '@quintet/domain' }
  expect(findArrowFaults([core])).toEqual([
    'packages/domain/src/index.ts: node:fs does not exist in every runtime',
    'packages/domain/src/index.ts: path does not exist in every runtime',
  ])
})

test('a package without a place in the layers is found', () => {
  expect(findArrowFaults([pkg('stray', [], {})], allowed)).toEqual([
    'packages/stray: has no place in the layers (scripts/verify/arrows.ts)',
  ])
})

test('every package of the checkout has its place, and the layers themselves have no cycle', () => {
  expect(
    readTree(root)
      .map(({ folder }) => folder)
      .sort(),
  ).toEqual(Object.keys(arrows).sort())
  const below = (folder: string, trail: readonly string[]): readonly string[] => {
    expect(trail).not.toContain(folder)
    return (arrows[folder] ?? []).flatMap((next) => below(next, [...trail, folder]))
  }
  for (const folder of Object.keys(arrows)) below(folder, [])
})
