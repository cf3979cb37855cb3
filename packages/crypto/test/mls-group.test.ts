import { describe, expect, test } from 'vitest'
import {
  authenticators,
  bytes,
  device,
  emptyPlan,
  everyoneMerges,
  groupOf,
  hex,
  join,
  keyPackage,
  plain,
  reading,
  refusal,
} from './mls-device.ts'

const chat = bytes('chat-1')

describe.each(['base', 'hybrid'] as const)('a group of the %s suite', (suite) => {
  test('three devices talk, each hears what the others say and who said it', () => {
    const [a, b, c] = [device('a'), device('b'), device('c')]
    groupOf(chat, suite, a, b, c)
    const said = a.engine.encrypt(chat, bytes('head'), bytes('hello'))
    for (const reader of [b, c]) {
      const opened = reader.engine.open(chat, said)
      if (opened.kind !== 'application') throw new Error('not a message')
      expect(plain(opened.plaintext)).toBe('hello')
      expect(plain(opened.aad)).toBe('head')
      expect(plain(opened.sender.credential)).toBe('a')
      expect(hex(opened.sender.signatureKey)).toBe(hex(a.key))
      expect(opened.epoch).toBe(1n)
    }
    expect(new Set(authenticators(chat, a, b, c)).size).toBe(1)
  })

  test('a device enters by external commit and reads on from there', () => {
    const [a, b, c] = [device('a'), device('b'), device('c')]
    groupOf(chat, suite, a, b)
    const { commit, view } = c.engine.joinExternal(a.engine.groupInfo(chat), bytes('aad'))
    expect(view.epoch).toBe(2n)
    expect(c.engine.view(chat)).toBeUndefined()
    c.rows.commit(c.engine)
    for (const member of [a, b]) {
      const opened = member.engine.open(chat, commit.commit)
      if (opened.kind !== 'commit') throw new Error('not a commit')
      expect(opened.view.external).toBe(true)
      expect(opened.view.unlisted).toEqual([])
      expect(plain(opened.view.committer.credential)).toBe('c')
      expect(plain(opened.view.aad)).toBe('aad')
      expect(opened.view.committer.index).toBe(2)
      member.engine.mergeStaged(chat, opened.staged)
    }
    c.engine.replaceByScratch(chat)
    expect(new Set(authenticators(chat, a, b, c)).size).toBe(1)
    expect(reading(b, chat, c.engine.encrypt(chat, bytes(''), bytes('here')))).toBe('here')
    expect(reading(c, chat, a.engine.encrypt(chat, bytes(''), bytes('welcome')))).toBe('welcome')
  })

  test('who was removed reads nothing that comes after', () => {
    const [a, b, c] = [device('a'), device('b'), device('c')]
    groupOf(chat, suite, a, b, c)
    const { commit } = a.engine.commit(chat, { ...emptyPlan, removeLeaves: [1] })
    const seen = b.engine.open(chat, commit)
    if (seen.kind !== 'commit') throw new Error('not a commit')
    expect(seen.view.removesSelf).toBe(true)
    expect(seen.view.removes.map((leaf) => plain(leaf.credential))).toEqual(['b'])
    everyoneMerges(chat, commit, a, c)
    const secret = a.engine.encrypt(chat, bytes(''), bytes('without b'))
    expect(reading(b, chat, secret)).toBe('wrong-epoch')
    b.engine.mergeStaged(chat, seen.staged)
    expect(reading(b, chat, secret)).toBe('not-a-member')
    expect(refusal(() => b.engine.encrypt(chat, bytes(''), bytes('still here')))).toBe('not-a-member')
    expect(reading(c, chat, secret)).toBe('without b')
  })

  test('keys exported by all members are the same, and change with the epoch', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    const key = hex(a.engine.exportSecret(chat, 'quintet/eph', bytes('x'), 32))
    expect(hex(b.engine.exportSecret(chat, 'quintet/eph', bytes('x'), 32))).toBe(key)
    everyoneMerges(chat, a.engine.commit(chat, emptyPlan).commit, a, b)
    expect(hex(b.engine.exportSecret(chat, 'quintet/eph', bytes('x'), 32))).not.toBe(key)
  })

  test('a resync replaces the device’s own leaf and nobody else’s', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    const { commit } = b.engine.joinExternal(a.engine.groupInfo(chat), bytes(''))
    const opened = a.engine.open(chat, commit.commit)
    if (opened.kind !== 'commit') throw new Error('not a commit')
    expect(opened.view.removes.map((leaf) => hex(leaf.signatureKey))).toEqual([hex(b.key)])
    a.engine.mergeStaged(chat, opened.staged)
    const live = b.engine.replaceByScratch(chat)
    expect(live.leaves).toHaveLength(2)
    expect(reading(a, chat, b.engine.encrypt(chat, bytes(''), bytes('healed')))).toBe('healed')
  })

  test('the policy changes with a commit, and every member sees both', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    const { commit } = a.engine.commit(chat, { ...emptyPlan, policy: bytes('new policy'), aad: bytes('delta') })
    const opened = b.engine.open(chat, commit)
    if (opened.kind !== 'commit') throw new Error('not a commit')
    expect(plain(opened.view.policyBefore)).toBe('policy')
    expect(plain(opened.view.policyAfter)).toBe('new policy')
    expect(opened.view.path && hex(opened.view.path.signatureKey)).toBe(hex(a.key))
    expect(opened.view.unlisted).toEqual([])
    a.engine.mergePending(chat)
    b.engine.mergeStaged(chat, opened.staged)
    expect(plain(b.engine.view(chat)?.policy ?? new Uint8Array())).toBe('new policy')
  })

  test('one is added by Welcome while another leaves, in one commit', () => {
    const [a, b, c] = [device('a'), device('b'), device('c')]
    groupOf(chat, suite, a, b)
    const made = a.engine.commit(chat, { ...emptyPlan, addKeyPackages: [keyPackage(c, suite)], removeLeaves: [1] })
    a.engine.mergePending(chat)
    join(c, made.welcome)
    expect(c.engine.view(chat)?.leaves.map((leaf) => plain(leaf.credential))).toEqual(['a', 'c'])
    expect(reading(c, chat, a.engine.encrypt(chat, bytes(''), bytes('hi')))).toBe('hi')
  })
})
