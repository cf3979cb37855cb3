import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { builtDigests, sourcesDigest } from '../../../scripts/lib/mls-digest.js'

const record: unknown = JSON.parse(readFileSync(new URL('../wasm/digest.json', import.meta.url), 'utf8'))

test('the committed engine is the one that its sources make; if not, run `npm run build:mls` and commit its output', () => {
  expect(record).toMatchObject({ sources: sourcesDigest(), built: builtDigests() })
})
