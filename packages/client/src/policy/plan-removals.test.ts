import { bytesOf, hexOf, parseCredential } from '@quintet/domain'
import { leaveIntentHash } from '@quintet/identity'
import { expect, test } from 'vitest'
import { account, accountId, chat, commit, group, intent, leafOf, withMember } from '../../test/policy-story.ts'
import { judgeCommit } from './judge-commit.ts'
import { planRemovals, type RemovalInput } from './plan-removals.ts'

const states = [
  account('alice', [{ name: 'phone' }, { name: 'old', removedMs: -1000 }]),
  account('bob', [{ name: 'phone' }]),
  account('carol', [{ name: 'phone' }, { name: 'web' }]),
  account('gone', [{ name: 'phone' }], -1000),
]
const accounts = new Map(states.map((state) => [state.account, state]))
const policy = group({ alice: 'member', bob: 'admin', carol: 'member', gone: 'member' })
const own = leafOf('alice/phone', 0)
const old = leafOf('alice/old', 1, 1n)
const bob = leafOf('bob/phone', 2)
const carol = [leafOf('carol/phone', 3), leafOf('carol/web', 4, 1n)]
const gone = leafOf('gone/phone', 5)
const leaves = [own, old, bob, ...carol, gone]
const input: RemovalInput = { chat, leaves, ownLeaf: 0, policy, accounts, intents: [] }
const wishes = [intent('carol/web'), intent('carol/phone')]

test('one commit takes out the unlinked device, who left, and who ended; everyone lets it pass', () => {
  const plan = planRemovals({ ...input, intents: wishes })
  expect(plan.removeLeaves).toEqual([old, ...carol, gone])
  expect(plan.policy).toEqual(withMember(withMember(policy, 'gone', undefined), 'carol', undefined))
  expect(plan.intents).toEqual([wishes[0]])
  const { removeLeaves: removes, policy: after = policy, intents } = plan
  expect(judgeCommit(commit({ by: own, leaves, accounts: states, policy, removes, after, intents })).kind).toBe(
    'allowed',
  )
})

test('nothing is planned where nothing is due', () => {
  const tidy = withMember(policy, 'gone', undefined)
  const plan = planRemovals({ ...input, leaves: [own, bob, ...carol], policy: tidy })
  expect(plan).toEqual({ removeLeaves: [], policy: undefined, intents: [], idle: [] })
})

test('a wish that was carried out, forged, for another chat, or of no member changes nothing', () => {
  const tidy = { ...input, leaves: [own, bob, ...carol], policy: withMember(policy, 'gone', undefined) }
  const wrong = [intent('carol/phone', { by: 'bob/phone' }), intent('carol/phone', { chat: new Uint8Array(32) })]
  expect(planRemovals({ ...tidy, intents: wrong }).removeLeaves).toEqual([])
  const spentIntents = new Set(wishes.map((wish) => hexOf(leaveIntentHash(wish))))
  expect(planRemovals({ ...tidy, intents: wishes, spentIntents }).removeLeaves).toEqual([])
  const without = withMember(tidy.policy, 'carol', undefined)
  expect(planRemovals({ ...tidy, policy: without, leaves: [own, bob], intents: wishes }).policy).toBeUndefined()
})

test('the last admin is not let go by a wish, one of two is', () => {
  const wish = [intent('bob/phone')]
  const tidy = { ...input, leaves: [own, bob, ...carol], policy: withMember(policy, 'gone', undefined), intents: wish }
  expect(planRemovals(tidy).removeLeaves).toEqual([])
  const plan = planRemovals({ ...tidy, policy: withMember(tidy.policy, 'carol', 'admin') })
  expect(plan.removeLeaves).toEqual([bob])
  expect(plan.policy?.members.has(accountId('bob'))).toBe(false)
})

test('nobody takes out the own leaf, nor the own account by its own wish', () => {
  expect(planRemovals({ ...input, ownLeaf: 1, leaves: [own, old] }).removeLeaves).toEqual([])
  expect(planRemovals({ ...input, leaves: [own, bob], intents: [intent('alice/phone')] }).removeLeaves).toEqual([])
})

test('a direct chat knows no wish to leave; an unknown log is left alone', () => {
  const direct = group({ alice: 'member', carol: 'member' }, { kind: 'direct' })
  const tidy = { ...input, policy: direct, leaves: [own, ...carol] }
  expect(planRemovals({ ...tidy, intents: wishes })).toMatchObject({ removeLeaves: [], policy: undefined })
  expect(planRemovals({ ...input, accounts: new Map() }).removeLeaves).toEqual([])
})

test('whatever was away for long goes too, but no account’s last device', () => {
  const tidy = withMember(policy, 'gone', undefined)
  const tablet = leafOf('alice/tablet', 6, 2n)
  const alice = account('alice', [{ name: 'phone' }, { name: 'old', removedMs: -1000 }, { name: 'tablet' }])
  const known = new Map([...accounts, [alice.account, alice] as const])
  const all = [own, bob, ...carol, tablet]
  const dormant = new Set([tablet, bob, ...carol].flatMap((leaf) => parseCredential(leaf.credential)?.device ?? []))
  const plan = planRemovals({ ...input, leaves: all, policy: tidy, accounts: known, dormant })
  expect(plan.removeLeaves).toEqual([carol[0], tablet])
  expect(plan.idle).toEqual(
    [carol[0], tablet].flatMap((leaf) => leaf && (parseCredential(leaf.credential)?.device ?? [])),
  )
  const story = { by: own, leaves: all, accounts: [...known.values()], policy: tidy, removes: plan.removeLeaves }
  expect(judgeCommit(commit({ ...story, aad: { idle: plan.idle.map(bytesOf) } })).kind).toBe('allowed')
  expect(judgeCommit(commit(story)).kind).toBe('refused')
})
