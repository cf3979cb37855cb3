import { parseAccountBytes, parseChatBytes, parseDeviceBytes } from '@quintet/domain'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../../scripts/fuzz/runs.ts'
import {
  checkWelcome,
  MlsFormatError,
  readCommit,
  readGroupInfo,
  readKeyPackage,
  readPrivateMessage,
} from '@quintet/wire'
import { fakeCommit, fakeGroupInfo, fakeKeyPackage, fakeMessage, fakeWelcome } from '../src/testing/fake-mls.ts'

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it parses')
  return value
}
const chat = must(parseChatBytes(new Uint8Array(32).fill(3)))
const leaf = (salt: number) => ({
  credential: {
    account: must(parseAccountBytes(new Uint8Array(32).fill(salt))),
    device: must(parseDeviceBytes(new Uint8Array(16).fill(salt))),
    position: BigInt(salt),
  },
  mlsKey: new Uint8Array(32).fill(salt + 1),
})
const adds = [{ leaf: leaf(2), keyPackage: fakeKeyPackage(leaf(2), 1, 99n) }]
const removes = [{ index: 5, who: leaf(6).credential }]
const policy = new Uint8Array(100).fill(8)

const readers = [
  readCommit,
  readGroupInfo,
  readKeyPackage,
  readPrivateMessage,
  (bytes: Uint8Array) => checkWelcome(bytes, 1),
]
const samples = [
  fakeCommit({ chat, epoch: 7n, sender: 3, committer: leaf(1), adds, removes, policy }),
  fakeGroupInfo(chat, 1, 8n, policy),
  fakeKeyPackage(leaf(2), 1, 99n),
  fakeMessage(chat, 7n, 'text'),
  fakeWelcome(1),
  fakeCommit({ chat, epoch: 7n, sender: 'new', committer: leaf(1) }),
]

test('a commit says who sent it, whom it adds and removes, and what it changes', () => {
  const view = readCommit(must(samples[0]))
  expect(view).toMatchObject({ epoch: 7n, sender: 3, removes: [5] })
  expect(view.adds[0]?.leaf.credential).toEqual(leaf(2).credential)
  expect(view.adds[0]?.leaf.lifetime?.notAfter).toBe(99n)
  expect(view.path?.credential).toEqual(leaf(1).credential)
  expect(view.extensions?.[0]?.data).toEqual(policy)
  expect(readCommit(must(samples[5])).sender).toBe('new')
})

test('an application message shows its chat and epoch, and nothing else passes for one', () => {
  expect(readPrivateMessage(must(samples[3]))).toEqual({ group: new Uint8Array(32).fill(3), epoch: 7n })
  for (const other of [0, 1, 2, 4]) expect(() => readPrivateMessage(must(samples[other]))).toThrow(MlsFormatError)
})

test('proposals by reference, and those that no rule admits, are refused', () => {
  const bytes = must(samples[0])
  const inside = bytes.indexOf(5, 60)
  expect(inside).toBeGreaterThan(0)
  const reference = fakeCommit({ chat, epoch: 7n, sender: 3, committer: leaf(1), removes })
  // The first byte of the only proposal: 1 = by value, 2 = by reference; then its type.
  const at = reference.findIndex((_, index) => isRemove(reference, index))
  expect(at).toBeGreaterThan(0)
  expect(() => readCommit(changed(reference, at, 2))).toThrow(MlsFormatError)
  for (const type of [2, 4, 5, 8, 0x0a])
    expect(() => readCommit(changed(reference, at + 2, type))).toThrow(MlsFormatError)
  expect(() => readCommit(reference)).not.toThrow()
})

function isRemove(bytes: Uint8Array, at: number): boolean {
  return [1, 0, 3, 0, 0, 0, 5].every((byte, index) => bytes[at + index] === byte)
}

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = value
  return copy
}

test('whatever bytes come, the answer is a view or a typed error, and never takes long', () => {
  const mutated = fc
    .tuple(fc.constantFrom(...samples), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat())
    .map(([sample, edits, cut]) => {
      const bytes = sample.slice()
      for (const [at, value] of edits) bytes[at % bytes.length] = value
      return cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes
    })
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), mutated), (bytes) => {
      for (const read of readers) {
        try {
          read(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(MlsFormatError)
        }
      }
    }),
    runs(3000),
  )
})

test('every cut of a good message is refused', () => {
  samples.forEach((sample, at) => {
    const read = must(
      [readCommit, readGroupInfo, readKeyPackage, readPrivateMessage, undefined, readCommit][at] ?? readCommit,
    )
    if (at === 4) return
    for (let length = 0; length < sample.length; length++) {
      expect(() => read(sample.subarray(0, length))).toThrow(MlsFormatError)
    }
    expect(() => read(Uint8Array.of(...sample, 0))).toThrow(MlsFormatError)
  })
})
