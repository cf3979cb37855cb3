import { expect, test } from 'vitest'
import { findStyleFaults } from './style.ts'
import type { Module } from './tree.ts'

const withFile = (path: string, text: string, isTest = false): readonly Module[] => [
  {
    name: '@quintet/a',
    folder: 'packages/a',
    dependencies: [],
    devDependencies: [],
    exports: ['.'],
    files: [{ path, text, isTest }],
  },
]

test('a plain throw is found, but not in assertions and tests', () => {
  const text = "throw new Error('no')"
  expect(findStyleFaults(withFile('src/send.ts', text))).toEqual([
    'packages/a/src/send.ts:1: throw a typed error, or assert',
  ])
  expect(findStyleFaults(withFile('src/assert.ts', text))).toEqual([])
  expect(findStyleFaults(withFile('src/send.test.ts', text, true))).toEqual([])
})

test('a file beyond the ceiling is found', () => {
  expect(findStyleFaults(withFile('src/long.ts', '\n'.repeat(500)))).toHaveLength(1)
  expect(findStyleFaults(withFile('src/long.ts', '\n'.repeat(499)))).toEqual([])
})

test('unfinished work is found', () => {
  expect(findStyleFaults(withFile('src/a.ts', `// ${'TO'}${'DO'}: later`))).toHaveLength(1)
})
