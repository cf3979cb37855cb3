import { describe, expect, test } from 'vitest'
import { bytes, device, emptyPlan, groupOf } from '../../test/mls-device.ts'
import type { GroupView } from '../mls-engine.ts'
import { keepViews } from './kept-views.ts'

const chat = bytes('chat')

function viewOf(leaves: number): GroupView {
  const none = new Uint8Array()
  const hashes = { treeHash: none, confirmedTranscriptHash: none, epochAuthenticator: none }
  const leaf = { index: 0, credential: none, signatureKey: none }
  const all = Array.from({ length: leaves }, () => leaf)
  return { group: chat, suite: 'base', epoch: 1n, ownLeaf: 0, leaves: all, policy: none, ...hashes }
}

describe('views of groups', () => {
  test('are let go, the oldest first, before they take much room', () => {
    const views = keepViews()
    for (let at = 0; at < 6; at++) views.keep(Uint8Array.of(at), viewOf(1000))
    expect(views.get(Uint8Array.of(0))).toBeUndefined()
    expect(views.get(Uint8Array.of(5))?.leaves).toHaveLength(1000)
  })

  test('follow every commit', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, 'base', a, b)
    expect(a.engine.view(chat)?.epoch).toBe(1n)
    const { commit } = a.engine.commit(chat, emptyPlan)
    expect(a.engine.view(chat)?.epoch).toBe(1n)
    a.engine.mergePending(chat)
    const opened = b.engine.open(chat, commit)
    if (opened.kind === 'commit') b.engine.mergeStaged(chat, opened.staged)
    expect([a, b].map(({ engine }) => engine.view(chat)?.epoch)).toEqual([2n, 2n])
    expect(a.engine.view(chat)).toEqual(b.engine.view(chat) && { ...b.engine.view(chat), ownLeaf: 0 })
  })

  test('go back with a transaction that failed', () => {
    const a = device('a')
    groupOf(chat, 'base', a, device('b'))
    a.engine.commit(chat, emptyPlan)
    a.engine.mergePending(chat)
    expect(a.engine.view(chat)?.epoch).toBe(2n)
    a.engine.reloadAll()
    expect(a.engine.view(chat)?.epoch).toBe(1n)
  })

  test('are gone with the group', () => {
    const a = device('a')
    groupOf(chat, 'base', a)
    expect(a.engine.view(chat)?.leaves).toHaveLength(1)
    a.engine.deleteGroup(chat)
    expect(a.engine.view(chat)).toBeUndefined()
  })
})
