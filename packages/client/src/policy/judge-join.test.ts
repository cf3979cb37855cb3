import { sha256 } from '@noble/hashes/sha2.js'
import { asciiBytes, bytesOf } from '@quintet/domain'
import { create, FloorSchema } from '@quintet/wire'
import { expect, test } from 'vitest'
import { account, accountId, chat, group, leafOf, withMember } from '../../test/policy-story.ts'
import { judgeJoin, type JoinInput } from './judge-join.ts'
import { encodePolicy } from './policy.ts'

const states = [
  account('alice', [{ name: 'phone' }, { name: 'laptop' }]),
  account('bob', [{ name: 'phone' }, { name: 'old', removedMs: -1000 }]),
]
const accounts = new Map(states.map((state) => [state.account, state]))
const policy = group({ alice: 'admin', bob: 'member' })
const [phone, bob] = [leafOf('alice/phone', 0), leafOf('bob/phone', 1)]
const old = leafOf('bob/old', 2, 1n)
const view = {
  group: bytesOf(chat),
  epoch: 7n,
  leaves: [phone, bob],
  policy: encodePolicy(policy),
  treeHash: asciiBytes('tree'),
  confirmedTranscriptHash: asciiBytes('transcript'),
  signer: bob,
}
const floor = create(FloorSchema, {
  chat: bytesOf(chat),
  epoch: 7n,
  treeHash: view.treeHash,
  confirmedTranscriptHash: view.confirmedTranscriptHash,
  policyDigest: sha256(view.policy),
  accounts: [...policy.members.keys()].map(bytesOf),
})
const input: JoinInput = { view, own: accountId('alice'), floor, accounts }
const seen = (change: Partial<JoinInput['view']>, more: Partial<JoinInput> = {}) => {
  const judged = judgeJoin({ ...input, ...more, view: { ...view, ...change } })
  return judged.kind === 'refused' ? judged.refusal : judged.kind === 'joinable' ? judged.standing : judged.kind
}

test('a group at the floor is joined and written to at once, above it joined, without one joined', () => {
  expect(seen({})).toBe('at-floor')
  expect(seen({ epoch: 9n })).toBe('above-floor')
  expect(seen({}, { floor: undefined })).toBe('no-floor')
})

test('a stale group, in which a removed member would read on, is refused', () => {
  expect(seen({ epoch: 6n })).toBe('below-floor')
  expect(seen({ epoch: 6n, leaves: [phone, bob, old] })).toBe('below-floor')
  expect(seen({ group: new Uint8Array(32) })).toBe('below-floor')
})

test('a Welcome that is older than the floor may be read on from, and is told as such', () => {
  expect(seen({ epoch: 6n }, { byWelcome: true })).toBe('below-floor')
  expect(judgeJoin({ ...input, view: { ...view, epoch: 6n }, byWelcome: true }).kind).toBe('joinable')
  expect(judgeJoin({ ...input, view: { ...view, epoch: 6n } }).kind).toBe('refused')
})

test('another group at the floor’s epoch is refused', () => {
  expect(seen({ treeHash: asciiBytes('other') })).toBe('floor-differs')
  expect(seen({ confirmedTranscriptHash: asciiBytes('other') })).toBe('floor-differs')
  expect(seen({ policy: encodePolicy({ ...policy, add: 'members' }) })).toBe('floor-differs')
})

test('an account that no sibling knew and no commit brought is refused', () => {
  const mallory = withMember(policy, 'mallory', 'member')
  const change = { epoch: 8n, policy: encodePolicy(mallory) }
  expect(seen(change)).toBe('unknown-member')
  expect(seen(change, { followed: new Set([accountId('mallory')]) })).toBe('above-floor')
})

test('every leaf has to be one that policy and log admitted', () => {
  const none = { floor: undefined }
  expect(seen({ leaves: [phone, bob, leafOf('mallory/phone', 2)] }, none)).toBe('leaf-outside-policy')
  expect(seen({ leaves: [phone, bob, leafOf('bob/ghost', 2)] }, none)).toBe('add-invalid')
  expect(seen({ leaves: [phone, { ...bob, signatureKey: phone.signatureKey }] }, none)).toBe('add-invalid')
  expect(seen({ leaves: [phone, { ...bob, credential: new Uint8Array(3) }] }, none)).toBe('leaf-outside-policy')
  expect(seen({ leaves: [phone, bob, { ...bob, index: 2 }] }, none)).toBe('device-twice')
  expect(seen({ policy: new Uint8Array([1]) }, none)).toBe('policy-malformed')
  expect(seen({}, { floor: undefined, own: accountId('carol') })).toBe('leaf-outside-policy')
  expect(seen({}, { floor: undefined, accounts: new Map() })).toBe('need-logs')
})

test('a group vouched for by nobody who is in it, or by an unlinked device, is refused', () => {
  expect(seen({ signer: leafOf('alice/laptop', 5, 1n) })).toBe('committer-invalid')
  expect(seen({ leaves: [phone, bob, old], signer: old })).toBe('committer-invalid')
})

test('a Welcome waits longer than the device that made it may be there; that one is to be removed', () => {
  const late = {
    ...input,
    view: { ...view, leaves: [phone, bob, old], signer: old },
    floor: undefined,
    byWelcome: true,
  }
  expect(judgeJoin(late)).toMatchObject({ kind: 'joinable', pendingRemovals: [2] })
  const foreign = leafOf('bob/ghost', 2)
  expect(judgeJoin({ ...late, view: { ...late.view, signer: foreign } })).toMatchObject({
    refusal: 'committer-invalid',
  })
})

test('an unlinked device that nobody removed yet is named, to be removed before the first word', () => {
  const judged = judgeJoin({ ...input, view: { ...view, leaves: [phone, bob, old] } })
  expect(judged).toMatchObject({ kind: 'joinable', pendingRemovals: [2] })
})
