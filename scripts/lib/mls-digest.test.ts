import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { builtDigests, sourcesDigest } from './mls-digest.js'
import { inRoot } from './root.js'

const record: unknown = JSON.parse(readFileSync(inRoot('packages/crypto/wasm/digest.json'), 'utf8'))

test('the committed engine is the one that its sources make; if not, run `npm run build:mls` and commit its output', () => {
  expect(record).toMatchObject({ sources: sourcesDigest(), built: builtDigests() })
})
