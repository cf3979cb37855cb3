import { describe, expect, test } from 'vitest'
import {
  bytes,
  device,
  emptyPlan,
  everyoneMerges,
  groupOf,
  join,
  keyPackage,
  lifetime,
  reading,
  refusal,
} from './mls-device.ts'

const chat = bytes('chat-1')
const suite = 'base'
const day = 86_400n

describe('what the engine refuses, and why', () => {
  test('one’s own message and one’s own commit come back', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    const said = a.engine.encrypt(chat, bytes(''), bytes('x'))
    expect(reading(a, chat, said)).toBe('own-message')
    const { commit } = a.engine.commit(chat, emptyPlan)
    expect(reading(a, chat, commit)).toBe('own-message')
    expect(a.engine.hasPending(chat)).toBe(true)
    a.engine.clearPending(chat)
    expect(reading(a, chat, commit)).toBe('own-message')
    everyoneMerges(chat, a.engine.commit(chat, emptyPlan).commit, a, b)
    expect(reading(a, chat, commit)).toBe('wrong-epoch')
  })

  test('one’s own external commit comes back before the new state is live', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    const { commit } = b.engine.joinExternal(a.engine.groupInfo(chat), bytes(''))
    expect(reading(b, chat, commit.commit)).toBe('own-message')
    expect(b.engine.replaceByScratch(chat).epoch).toBe(2n)
  })

  test('a message read once is not read twice', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    const said = a.engine.encrypt(chat, bytes(''), bytes('x'))
    expect(reading(b, chat, said)).toBe('x')
    expect(reading(b, chat, said)).toBe('replayed')
    expect(reading(b, chat, a.engine.encrypt(chat, bytes(''), bytes('y')))).toBe('y')
  })

  test('a message of another epoch, another group, or no group here', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    groupOf(bytes('chat-2'), suite, a, b)
    const said = a.engine.encrypt(chat, bytes(''), bytes('x'))
    expect(reading(b, bytes('chat-2'), said)).toBe('wrong-group')
    expect(reading(b, bytes('chat-3'), said)).toBe('unknown-group')
    everyoneMerges(chat, a.engine.commit(chat, emptyPlan).commit, a, b)
    expect(reading(b, chat, said)).toBe('wrong-epoch')
  })

  test('a generation beyond the forward distance', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    let last: Uint8Array = new Uint8Array()
    for (let at = 0; at < 1005; at++) last = a.engine.encrypt(chat, bytes(''), bytes('x'))
    expect(a.engine.ownGeneration(chat)).toBe(1005)
    expect(reading(b, chat, last)).toBe('too-far')
  })

  test('a message with one flipped bit; the untouched one is read after it', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    const said = a.engine.encrypt(chat, bytes(''), bytes('x'))
    const flipped = said.slice()
    flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
    expect(reading(b, chat, flipped)).toBe('bad-signature')
    expect(reading(b, chat, said)).toBe('x')
  })

  test('a commit with one flipped bit at its end', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    const { commit } = a.engine.commit(chat, emptyPlan)
    const flipped = commit.slice()
    flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
    expect(reading(b, chat, flipped)).toBe('bad-signature')
    everyoneMerges(chat, commit, a, b)
  })

  test('a second Welcome for a key package that was used, and the same Welcome again', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a)
    groupOf(bytes('chat-2'), suite, a)
    const used = keyPackage(b, suite)
    const first = a.engine.commit(chat, { ...emptyPlan, addKeyPackages: [used] })
    const second = a.engine.commit(bytes('chat-2'), { ...emptyPlan, addKeyPackages: [used] })
    const { staged: waiting } = b.engine.stageWelcome(second.welcome ?? used)
    expect(b.engine.welcomeRefs(first.welcome ?? used)).toHaveLength(1)
    join(b, first.welcome)
    expect(refusal(() => b.engine.acceptJoin(waiting))).toBe('key-package-used')
    expect(refusal(() => join(b, first.welcome))).toBe('key-package-used')
    expect(b.engine.welcomeRefs(first.welcome ?? used)).toEqual([])
    expect(b.engine.view(bytes('chat-2'))).toBeUndefined()
  })

  test('a discarded join leaves the key package usable; a last-resort one stays so after a join', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a)
    groupOf(bytes('chat-2'), suite, a)
    const last = keyPackage(b, suite, true)
    expect(b.engine.inspectKeyPackage(last).lastResort).toBe(true)
    const one = a.engine.commit(chat, { ...emptyPlan, addKeyPackages: [last] })
    const two = a.engine.commit(bytes('chat-2'), { ...emptyPlan, addKeyPackages: [last] })
    b.engine.discardJoin(b.engine.stageWelcome(one.welcome ?? last).staged)
    expect(b.engine.takeChanges()).toEqual([])
    join(b, one.welcome)
    join(b, two.welcome)
    b.engine.forgetKeyPackages(b.engine.welcomeRefs(two.welcome ?? last))
    expect(b.engine.welcomeRefs(two.welcome ?? last)).toEqual([])
  })

  test('a Welcome into a group that is here already; after a removal it is the way back', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    const { commit } = a.engine.commit(chat, { ...emptyPlan, removeLeaves: [1] })
    a.engine.mergePending(chat)
    const back = a.engine.commit(chat, { ...emptyPlan, addKeyPackages: [keyPackage(b, suite)] })
    expect(refusal(() => b.engine.stageWelcome(back.welcome ?? commit))).toBe('group-exists')
    const opened = b.engine.open(chat, commit)
    if (opened.kind !== 'commit') throw new Error('not a commit')
    b.engine.mergeStaged(chat, opened.staged)
    join(b, back.welcome)
    a.engine.mergePending(chat)
    expect(reading(b, chat, a.engine.encrypt(chat, bytes(''), bytes('back')))).toBe('back')
  })

  test('key packages: expired, not valid yet, of another suite, not signed, twice in one commit', () => {
    let now = 1_800_000_000n
    const a = device('a', { nowSeconds: () => now })
    const b = device('b', { nowSeconds: () => now })
    groupOf(chat, suite, a)
    const add = (...addKeyPackages: Uint8Array[]) =>
      refusal(() => a.engine.commit(chat, { ...emptyPlan, addKeyPackages }))
    const made = keyPackage(b, suite)
    const { notBefore, notAfter } = a.engine.inspectKeyPackage(made)
    expect([notBefore, notAfter]).toEqual([now - 3600n, now + lifetime])
    now += 85n * day
    expect(add(made)).toBe('key-package-invalid')
    expect(a.engine.inspectKeyPackage(made).notAfter).toBe(notAfter)
    now -= 90n * day
    expect(add(made)).toBe('key-package-invalid')
    now += 10n * day
    expect(add(keyPackage(b, 'hybrid'))).toBe('key-package-invalid')
    const forged = made.slice()
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
    expect(add(forged)).toBe('key-package-invalid')
    expect(refusal(() => a.engine.inspectKeyPackage(forged))).toBe('key-package-invalid')
    expect(add(bytes('nothing'))).toBe('malformed')
    expect(add(made, keyPackage(b, suite))).toBe('refused-proposal')
    expect(a.engine.hasPending(chat)).toBe(false)
    expect(add(made)).toBe('no refusal')
  })

  test('a late device judges an added key package at the time of the commit', () => {
    let now = 1_800_000_000n
    const clock = { nowSeconds: () => now }
    const [a, b, c, late] = [device('a', clock), device('b', clock), device('c', clock), device('late', clock)]
    groupOf(chat, suite, a, late)
    const early = keyPackage(b, suite)
    now += 80n * day
    const at = now
    const { commit } = a.engine.commit(chat, { ...emptyPlan, addKeyPackages: [early] })
    a.engine.mergePending(chat)
    now += 20n * day
    expect(reading(late, chat, commit)).toBe('key-package-invalid')
    const opened = late.engine.open(chat, commit, at)
    if (opened.kind !== 'commit') throw new Error('not a commit')
    late.engine.mergeStaged(chat, opened.staged)
    // The silent leaf of 100 days keeps nobody out, by either way in (C10).
    const made = a.engine.commit(chat, { ...emptyPlan, addKeyPackages: [keyPackage(c, suite)] })
    everyoneMerges(chat, made.commit, a, late)
    join(c, made.welcome)
    expect(device('d', clock).engine.joinExternal(c.engine.groupInfo(chat), bytes('')).view.epoch).toBe(4n)
    expect(device('d', clock).engine.inspectGroupInfo(c.engine.groupInfo(chat)).leaves).toHaveLength(4)
  })

  test('commits: a second while one is pending, removing oneself, removing nobody', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    expect(refusal(() => a.engine.commit(chat, { ...emptyPlan, removeLeaves: [0] }))).toBe('refused-proposal')
    expect(refusal(() => a.engine.commit(chat, { ...emptyPlan, removeLeaves: [7] }))).toBe('refused-proposal')
    a.engine.commit(chat, emptyPlan)
    expect(refusal(() => a.engine.commit(chat, emptyPlan))).toBe('pending-commit')
    expect(reading(b, chat, a.engine.encrypt(chat, bytes(''), bytes('meanwhile')))).toBe('meanwhile')
  })

  test('another’s commit wins over one’s own pending one', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    a.engine.commit(chat, emptyPlan)
    everyoneMerges(chat, b.engine.commit(chat, emptyPlan).commit, b, a)
    expect(a.engine.hasPending(chat)).toBe(false)
    expect(reading(b, chat, a.engine.encrypt(chat, bytes(''), bytes('rebased')))).toBe('rebased')
  })

  test('a staged commit is judged, dropped, and merged only where and when it fits', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    groupOf(bytes('chat-2'), suite, a, b)
    const { commit } = a.engine.commit(chat, emptyPlan)
    const stage = () => {
      const opened = b.engine.open(chat, commit)
      if (opened.kind !== 'commit') throw new Error('not a commit')
      return opened.staged
    }
    const dropped = stage()
    b.engine.discardStaged(chat, dropped)
    expect(refusal(() => b.engine.mergeStaged(chat, dropped))).toBe('engine')
    const [first, second] = [stage(), stage()]
    expect(refusal(() => b.engine.mergeStaged(bytes('chat-2'), first))).toBe('wrong-group')
    b.engine.mergeStaged(chat, first)
    expect(refusal(() => b.engine.mergeStaged(chat, second))).toBe('wrong-epoch')
  })

  test('a group made twice, a group info that was tampered with, a merge of nothing', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    expect(refusal(() => a.engine.createGroup(chat, suite, bytes('')))).toBe('group-exists')
    expect(refusal(() => a.engine.mergePending(chat))).toBe('engine')
    const info = a.engine.groupInfo(chat)
    const seen = b.engine.inspectGroupInfo(info)
    expect(seen.signer.index).toBe(0)
    expect(seen.treeHash).toEqual(a.engine.view(chat)?.treeHash)
    info[info.length - 1] = (info.at(-1) ?? 0) ^ 1
    expect(refusal(() => b.engine.inspectGroupInfo(info))).toBe('bad-signature')
    expect(refusal(() => device('c').engine.joinExternal(info, bytes('')))).toBe('bad-signature')
    expect(refusal(() => b.engine.replaceByScratch(chat))).toBe('unknown-group')
  })
})
