import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findDeadLinks } from './links.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quintet-links-'))
  mkdirSync(join(folder, 'docs'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (path: string, text: string) => writeFileSync(join(folder, path), text)

test('links to files and headings that are there are let through', () => {
  write('README.md', '[a](docs/a.md) [b](docs/a.md#how-it-ends) [c](https://example.org) [d](#top)\n# Top\n')
  write('docs/a.md', '[back](../README.md)\n## How it ends\n')
  expect(findDeadLinks(folder)).toEqual([])
})

test('a dead link and a dead heading are found', () => {
  write('README.md', '[a](docs/b.md) [b](docs/a.md#nowhere)')
  write('docs/a.md', '# Here\n')
  expect(findDeadLinks(folder)).toEqual([
    'README.md: docs/b.md leads nowhere',
    'README.md: docs/a.md#nowhere names no heading of docs/a.md',
  ])
})

test('a code block is not a page', () => {
  write('README.md', '```\n[a](nowhere.md)\n```\n')
  expect(findDeadLinks(folder)).toEqual([])
})
