import { type AccountId, parseAccountBytes } from '@quintet/domain'
import { expect, test } from 'vitest'
import type { PolicyView } from './chat-policy.ts'
import { policyChangeFault } from './policy-change.ts'

const account = (n: number): AccountId =>
  parseAccountBytes(new Uint8Array(32).fill(n)) ?? expect.unreachable('32 bytes are an account id')
const [alice, bob, carol, dave] = [account(1), account(2), account(3), account(4)]
const nobody: ReadonlySet<AccountId> = new Set()

/** Alice is the admin of a group with Bob and Carol. */
const group: PolicyView = {
  kind: 'group',
  suite: 1,
  creator: alice,
  generation: 0,
  accounts: new Set([alice, bob, carol]),
  admins: new Set([alice]),
  membersAdd: false,
  membersEdit: false,
  predecessor: undefined,
}
const open = { ...group, membersAdd: true }
const withDave = { accounts: new Set([...group.accounts, dave]) }
const withoutCarol = { accounts: new Set([alice, bob]) }
const direct: PolicyView = { ...group, kind: 'direct', accounts: new Set([alice, bob]), admins: nobody }
const bobAlone = { accounts: new Set([bob]) }

test.each<readonly [string, PolicyView, Partial<PolicyView>, 'leaves' | 'ended' | undefined]>([
  ['leaves it as it is', group, {}, undefined],
  ['takes out who wishes to leave', group, withoutCarol, 'leaves'],
  ['takes out who has ended', group, withoutCarol, 'ended'],
  ['takes somebody in where everybody may', open, withDave, undefined],
  ['takes out of a direct chat who has ended', direct, bobAlone, 'ended'],
])('a member %s', (_, before, change, why) => {
  const about = new Set(before.kind === 'direct' ? [alice] : [carol])
  const how = { by: bob, leaving: why === 'leaves' ? about : nobody, ended: why === 'ended' ? about : nobody }
  expect(policyChangeFault(before, { ...before, ...change }, how)).toBeUndefined()
})

test.each<readonly [string, PolicyView, Partial<PolicyView>]>([
  ['makes itself an admin', group, { admins: new Set([alice, bob]) }],
  ['takes the admin’s role', group, { admins: nobody }],
  ['takes somebody out', group, withoutCarol],
  ['takes the admin out', group, { accounts: new Set([bob, carol]), admins: nobody }],
  ['takes somebody in', group, withDave],
  ['takes somebody in as an admin', open, { ...withDave, admins: new Set([alice, dave]) }],
  ['lets everybody take people in', group, { membersAdd: true }],
  ['lets everybody say what it is called', group, { membersEdit: true }],
  ['takes the other out of a direct chat', direct, bobAlone],
  ['takes a third into a direct chat', direct, { accounts: new Set([alice, bob, carol]) }],
])('a member who %s is refused', (_, before, change) => {
  const how = { by: bob, leaving: nobody, ended: nobody }
  expect(policyChangeFault(before, { ...before, ...change }, how)).toBeDefined()
})

test('an admin of a group may', () => {
  const how = { by: alice, leaving: nobody, ended: nobody }
  expect(policyChangeFault(group, { ...group, ...withDave, admins: new Set([alice, bob]) }, how)).toBeUndefined()
})
