import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { missingEntries, platformOf } from './foreign-platforms.js'
import { inRoot } from './root.js'

test('a build names its platform', () => {
  expect(platformOf('@biomejs/cli-linux-x64-musl')).toEqual({ cpu: ['x64'], os: ['linux'], libc: ['musl'] })
  expect(platformOf('@oxlint-tsgolint/darwin-arm64')).toEqual({ cpu: ['arm64'], os: ['darwin'] })
  expect(platformOf('bufferutil')).toBeUndefined()
})

test('a build that the lockfile does not hold is missing, one that it holds is not', () => {
  const tool = { optionalDependencies: { 'tool-darwin-x64': '1.0.0', 'tool-linux-x64': '1.0.0' }, dev: true }
  const packages = { 'node_modules/tool': tool, 'node_modules/tool-linux-x64': { version: '1.0.0' } }
  expect(missingEntries(packages)).toEqual({
    'node_modules/tool-darwin-x64': { version: '1.0.0', dev: true, optional: true, cpu: ['x64'], os: ['darwin'] },
  })
})

test('the lockfile of the checkout lacks none (`npm run lock` adds them)', () => {
  const { packages } = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8'))
  expect(Object.keys(missingEntries(packages))).toEqual([])
})
