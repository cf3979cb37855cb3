import { bytesOf, hexOf } from '@quintet/domain'
import { leaveIntentHash, shortHead } from '@quintet/identity'
import { ChatPolicySchema, create, Role, toBinary } from '@quintet/wire'
import type { CommitInput } from '../src/policy/commit-case.ts'
import type { RefusalKind } from '../src/policy/judgement.ts'
import {
  account,
  accountId,
  atMs,
  type CommitStory,
  chat,
  commit,
  deviceId,
  group,
  intent,
  leafOf,
  packageOf,
  withMember,
} from './policy-story.ts'

/** A commit and what every device says of it. */
export interface PolicyCase {
  readonly name: string
  readonly input: CommitInput
  readonly verdict: 'allowed' | 'need-logs' | RefusalKind
}

const hour = 60 * 60 * 1000
const alice = account('alice', [{ name: 'phone' }, { name: 'laptop' }, { name: 'new' }])
const bob = account('bob', [{ name: 'phone' }, { name: 'web' }])
const carol = account('carol', [
  { name: 'phone' },
  { name: 'old', removedMs: -hour },
  { name: 'late', removedMs: hour },
])
const dave = account('dave', [{ name: 'phone' }])
const gone = account('gone', [{ name: 'phone' }], -hour)
const goneLater = account('gone', [{ name: 'phone' }], hour)
const accounts = [alice, bob, carol, dave]

const alicePhone = leafOf('alice/phone', 0)
const aliceLaptop = leafOf('alice/laptop', 1, 1n)
const bobPhone = leafOf('bob/phone', 2)
const carolPhone = leafOf('carol/phone', 3)
const carolOld = leafOf('carol/old', 4, 1n)
const carolLate = leafOf('carol/late', 5, 2n)
const gonePhone = leafOf('gone/phone', 6)
const leaves = [alicePhone, aliceLaptop, bobPhone, carolPhone]

const policy = group({ alice: 'admin', bob: 'member', carol: 'member' })
const open = group({ alice: 'admin', bob: 'member', carol: 'member' }, { add: 'members' })
const twoAdmins = withMember(policy, 'bob', 'admin')
const base = { by: alicePhone, leaves, accounts, policy }
const byBob = { ...base, by: bobPhone }
const withDave = withMember(policy, 'dave', 'member')
const withoutCarol = withMember(policy, 'carol', undefined)
const withoutBob = withMember(policy, 'bob', undefined)
const carolLeaves = { removes: [carolPhone], after: withoutCarol, intents: [intent('carol/phone')] }
const direct = group({ alice: 'member', bob: 'member' }, { kind: 'direct', generation: 1 })
const inDirect = { by: alicePhone, leaves: [alicePhone, bobPhone], accounts, policy: direct }
const self = group({ alice: 'admin' }, { kind: 'self' })
const inSelf = { by: alicePhone, leaves: [alicePhone, aliceLaptop], accounts, policy: self }
const withGone = withMember(policy, 'gone', 'member')
const inGone = { ...byBob, leaves: [...leaves, gonePhone], accounts: [...accounts, gone], policy: withGone }
const joining = { ...base, by: leafOf('bob/web', -1, 1n), external: true }
const carolOldIn = { ...base, leaves: [...leaves, carolOld] }
const carolLateIn = { ...base, by: carolLate, leaves: [...leaves, carolLate] }
const expired = packageOf('alice/new', 2n)
const idle = { idle: [deviceId('alice/laptop'), deviceId('carol/phone')].map(bytesOf) }
const daveHead = (position: bigint, hash = dave.head.hash) => ({
  heads: [{ account: bytesOf(dave.account), head: shortHead({ position, hash }) }],
})
const namedOf = (name: `carol/${string}`) => ({ account: bytesOf(carol.account), device: bytesOf(deviceId(name)) })
const unsorted = create(ChatPolicySchema, {
  version: 1,
  kind: 3,
  creator: bytesOf(alice.account),
  suite: 2,
  members: [...policy.members.keys()]
    .sort((a, b) => (a < b ? 1 : -1))
    .map((id) => ({ account: bytesOf(id), role: Role.MEMBER })),
})

const told = (name: string, verdict: PolicyCase['verdict'], story: CommitStory): PolicyCase => ({
  name,
  input: commit(story),
  verdict,
})

/** One per rule and refusal: C3-C7, C10, C11, D10, D11, D15, R2. */
export const policyCases: readonly PolicyCase[] = [
  // Updates and who commits.
  told('an update', 'allowed', base),
  told('an update by a member', 'allowed', byBob),
  told('an update without a path', 'allowed', { ...base, view: { path: undefined } }),
  told('a leaf that is in no tree', 'committer-invalid', { ...base, by: leafOf('alice/new', 1, 2n) }),
  told('an account that the policy does not name', 'committer-invalid', {
    ...base,
    by: leafOf('dave/phone', 7),
    leaves: [...leaves, leafOf('dave/phone', 7)],
  }),
  told('a device that no log lists', 'committer-invalid', {
    ...base,
    by: leafOf('alice/ghost', 7),
    leaves: [...leaves, leafOf('alice/ghost', 7)],
  }),
  told('a device that was unlinked before', 'committer-invalid', { ...carolOldIn, by: carolOld }),
  told('a device that was unlinked later: read long after', 'allowed', carolLateIn),
  told('another key than the log says', 'committer-invalid', {
    ...base,
    by: { ...alicePhone, signatureKey: bobPhone.signatureKey },
  }),
  told('another position than the log says', 'committer-invalid', { ...base, by: leafOf('alice/phone', 0, 1n) }),
  told('a credential of another kind', 'committer-invalid', {
    ...base,
    by: { ...alicePhone, credential: new Uint8Array(55) },
  }),
  told('a path that changes the key', 'leaf-changed', {
    ...base,
    view: { path: { ...alicePhone, signatureKey: bobPhone.signatureKey } },
  }),
  told('a path that changes the device', 'leaf-changed', { ...base, view: { path: aliceLaptop } }),
  told('a path with no credential of ours', 'leaf-changed', {
    ...base,
    view: { path: { ...alicePhone, credential: new Uint8Array(3) } },
  }),

  // What no rule lists, and what contradicts itself.
  told('a proposal by reference', 'unlisted-proposal', { ...base, view: { unlisted: ['by-reference'] } }),
  told('a PSK', 'unlisted-proposal', { ...base, view: { unlisted: ['psk'] } }),
  told('noise beside the commit', 'aad-malformed', { ...base, rawAad: new Uint8Array([255, 255]) }),
  told('nothing beside the commit', 'aad-malformed', { ...base, rawAad: new Uint8Array() }),
  told('no head named', 'aad-malformed', { ...base, aad: { head: undefined } }),
  told('an addition that is not said', 'delta-differs', {
    ...base,
    adds: [packageOf('alice/new', 2n)],
    aad: { adds: [] },
  }),
  told('an addition that is not done', 'delta-differs', {
    ...base,
    aad: { adds: [{ account: bytesOf(alice.account), device: bytesOf(deviceId('alice/new')) }] },
  }),
  told('a removal said of another', 'delta-differs', {
    ...base,
    removes: [aliceLaptop],
    aad: { removes: [{ account: bytesOf(bob.account), device: bytesOf(deviceId('bob/phone')) }] },
  }),
  told('a policy out of order', 'policy-malformed', {
    ...base,
    view: { policyAfter: toBinary(ChatPolicySchema, unsorted) },
  }),
  told('a policy of a later version', 'policy-malformed', {
    ...base,
    view: { policyAfter: toBinary(ChatPolicySchema, { ...unsorted, version: 2 }) },
  }),
  told('a policy beyond 32 KB', 'policy-malformed', { ...base, view: { policyAfter: new Uint8Array(32 * 1024 + 1) } }),

  // Heads.
  told('a head beyond what is known', 'need-logs', {
    ...base,
    aad: { head: shortHead({ position: 9n, hash: alice.head.hash }) },
  }),
  told('a head of another log', 'head-forked', {
    ...base,
    aad: { head: shortHead({ position: 3n, hash: bob.head.hash }) },
  }),
  told('a newcomer whose log goes on', 'need-logs', {
    ...base,
    adds: [packageOf('dave/phone')],
    after: withDave,
    aad: daveHead(5n),
  }),
  told('a newcomer with a forked log', 'head-forked', {
    ...base,
    adds: [packageOf('dave/phone')],
    after: withDave,
    aad: daveHead(1n, bob.head.hash),
  }),
  told('a newcomer whom nobody here knows', 'need-logs', {
    ...base,
    accounts: [alice, bob, carol],
    adds: [packageOf('dave/phone')],
    after: withDave,
  }),
  told('a device beyond the known log', 'need-logs', { ...base, adds: [packageOf('alice/next', 9n)] }),

  // Adds.
  told('a sibling is added', 'allowed', { ...base, adds: [packageOf('alice/new', 2n)] }),
  told('a member adds another member’s new device', 'allowed', { ...byBob, adds: [packageOf('alice/new', 2n)] }),
  told('an admin adds an account', 'allowed', {
    ...base,
    adds: [packageOf('dave/phone')],
    after: withDave,
    aad: daveHead(1n),
  }),
  told('an account without key packages is added by its line alone', 'allowed', { ...base, after: withDave }),
  told('a member adds an account where members may', 'allowed', {
    ...byBob,
    policy: open,
    adds: [packageOf('dave/phone')],
    after: withMember(open, 'dave', 'member'),
  }),
  told('a member adds an account where admins only may', 'not-entitled', {
    ...byBob,
    adds: [packageOf('dave/phone')],
    after: withDave,
  }),
  told('a member adds an admin', 'not-entitled', {
    ...byBob,
    policy: open,
    adds: [packageOf('dave/phone')],
    after: withMember(open, 'dave', 'admin'),
  }),
  told('an account that the policy does not name is added', 'add-invalid', {
    ...base,
    adds: [packageOf('dave/phone')],
  }),
  told('an unlinked device is added', 'add-invalid', { ...base, adds: [packageOf('carol/old', 1n)] }),
  told('a device unlinked later was added', 'allowed', { ...base, adds: [packageOf('carol/late', 2n)] }),
  told('a device with a foreign key is added', 'add-invalid', {
    ...base,
    adds: [{ ...packageOf('alice/new', 2n), signatureKey: bobPhone.signatureKey }],
  }),
  told('a device at another position is added', 'add-invalid', { ...base, adds: [packageOf('alice/new', 1n)] }),
  told('a key package with no credential of ours', 'add-invalid', {
    ...base,
    adds: [{ ...packageOf('alice/new', 2n), credential: new Uint8Array(9) }],
    aad: { adds: [] },
  }),
  told('a key package that ran out', 'add-expired', {
    ...base,
    adds: [{ ...expired, notAfter: BigInt(atMs / 1000) - 2n * 3600n }],
  }),
  told('a key package of the future', 'add-expired', {
    ...base,
    adds: [{ ...expired, notBefore: BigInt(atMs / 1000) + 2n * 3600n }],
  }),
  told('a key package that lives for years', 'add-expired', {
    ...base,
    adds: [{ ...expired, notAfter: BigInt(atMs / 1000) + 365n * 86_400n }],
  }),
  told('two leaves of one device', 'device-twice', { ...base, adds: [packageOf('bob/phone')] }),
  told('one device twice in one commit', 'device-twice', {
    ...base,
    adds: [packageOf('alice/new', 2n), packageOf('alice/new', 2n)],
  }),
  told('a leaf is replaced by its own device’s new one', 'allowed', {
    ...base,
    removes: [aliceLaptop],
    adds: [packageOf('alice/laptop', 1n)],
  }),

  // Removes.
  told('an unlinked device is removed by anyone', 'allowed', { ...carolOldIn, by: bobPhone, removes: [carolOld] }),
  told('a sibling is removed', 'allowed', { ...base, removes: [aliceLaptop] }),
  told('a member removes another’s device', 'remove-not-allowed', { ...byBob, removes: [aliceLaptop] }),
  told('an admin removes one device of a member who stays', 'remove-not-allowed', { ...base, removes: [carolPhone] }),
  told('an admin removes an account', 'allowed', { ...base, removes: [carolPhone], after: withoutCarol }),
  told('two leaves removed in another order than they are named', 'allowed', {
    ...carolOldIn,
    removes: [carolPhone, carolOld],
    after: withoutCarol,
    aad: { removes: [namedOf('carol/old'), namedOf('carol/phone')] },
  }),
  told('one of two removed leaves named twice', 'delta-differs', {
    ...carolOldIn,
    removes: [carolPhone, carolOld],
    after: withoutCarol,
    aad: { removes: [namedOf('carol/old'), namedOf('carol/old')] },
  }),
  told('an admin forgets a leaf of whom it removes', 'leaf-outside-policy', {
    ...carolOldIn,
    removes: [carolPhone],
    after: withoutCarol,
  }),
  told('an admin removes a line and no leaf', 'leaf-outside-policy', { ...base, after: withoutCarol }),
  told('a member removes an account', 'remove-not-allowed', { ...byBob, removes: [carolPhone], after: withoutCarol }),
  told('a member removes a line of an account without leaves', 'not-entitled', {
    ...byBob,
    leaves: leaves.slice(0, 3),
    after: withoutCarol,
  }),
  told('a dormant device is removed by anyone', 'allowed', { ...byBob, removes: [aliceLaptop], aad: idle }),
  told('a device that the relay has seen is removed by its own only', 'remove-not-allowed', {
    ...byBob,
    removes: [aliceLaptop],
    aad: { idle: [bytesOf(deviceId('alice/phone'))] },
  }),
  told('a dormant last leaf stays', 'remove-not-allowed', { ...byBob, removes: [carolPhone], aad: idle }),

  // Leaving.
  told('who wished to leave is taken out by anyone', 'allowed', { ...byBob, ...carolLeaves }),
  told('an intent that was carried out before', 'intent-invalid', {
    ...byBob,
    ...carolLeaves,
    input: { spentIntents: new Set([hexOf(leaveIntentHash(intent('carol/phone')))]) },
  }),
  told('an intent for another chat', 'intent-invalid', {
    ...byBob,
    ...carolLeaves,
    intents: [intent('carol/phone', { chat: new Uint8Array(32) })],
  }),
  told('a forged intent', 'intent-invalid', {
    ...byBob,
    ...carolLeaves,
    intents: [intent('carol/phone', { by: 'bob/phone' })],
  }),
  told('an intent of an unlinked device', 'intent-invalid', {
    ...byBob,
    ...carolLeaves,
    intents: [intent('carol/old')],
  }),
  told('an intent of a device that was unlinked after', 'allowed', {
    ...byBob,
    ...carolLeaves,
    intents: [intent('carol/late')],
  }),
  told('an intent that the commit does not name', 'intent-invalid', { ...byBob, ...carolLeaves, aad: { intents: [] } }),
  told('an intent whose line stays', 'intent-invalid', {
    ...byBob,
    removes: [carolPhone],
    intents: carolLeaves.intents,
  }),
  told('an intent whose leaf stays', 'leaf-outside-policy', { ...byBob, ...carolLeaves, removes: [] }),
  told('an intent twice', 'intent-invalid', {
    ...byBob,
    ...carolLeaves,
    intents: [intent('carol/phone'), intent('carol/phone')],
  }),
  told('the last admin leaves the others alone', 'last-admin', {
    ...byBob,
    removes: [alicePhone, aliceLaptop],
    after: withMember(policy, 'alice', undefined),
    intents: [intent('alice/phone')],
  }),
  told('one of two admins leaves', 'allowed', {
    ...byBob,
    policy: twoAdmins,
    removes: [alicePhone, aliceLaptop],
    after: withMember(twoAdmins, 'alice', undefined),
    intents: [intent('alice/phone')],
  }),

  // Roles and permissions.
  told('an admin makes an admin', 'allowed', { ...base, after: twoAdmins }),
  told('a member makes itself admin', 'not-entitled', { ...byBob, after: twoAdmins }),
  told('an admin steps down beside another', 'allowed', {
    ...base,
    policy: twoAdmins,
    after: withMember(twoAdmins, 'alice', 'member'),
  }),
  told('the last admin steps down', 'last-admin', { ...base, after: withMember(policy, 'alice', 'member') }),
  told('an admin lets members add', 'allowed', { ...base, after: open }),
  told('a member lets members add', 'not-entitled', { ...byBob, after: open }),
  told('a member lets members edit', 'not-entitled', { ...byBob, after: { ...policy, editInfo: 'members' } }),
  told('an admin takes out an admin', 'allowed', {
    ...base,
    policy: twoAdmins,
    removes: [bobPhone],
    after: withoutBob,
  }),

  // What never changes.
  told('another creator', 'policy-fixed', { ...base, after: { ...policy, creator: accountId('bob') } }),
  told('another suite', 'policy-fixed', { ...base, after: { ...policy, suite: 'base' } }),
  told('a group turns into a direct chat', 'policy-fixed', {
    ...base,
    policy: group({ alice: 'admin', bob: 'member' }),
    leaves: leaves.slice(0, 3),
    after: group({ alice: 'admin', bob: 'member' }, { kind: 'direct' }),
  }),
  told('another predecessor', 'policy-fixed', {
    ...base,
    after: { ...policy, predecessor: { chat, seq: 1n, logHash: new Uint8Array(32) } },
  }),
  told('another generation', 'policy-fixed', { ...inDirect, after: { ...direct, generation: 2 } }),
  told('a direct chat of one', 'policy-fixed', {
    ...inDirect,
    leaves: [alicePhone],
    after: withMember(direct, 'bob', undefined),
  }),
  told('a third in a direct chat', 'policy-malformed', {
    ...inDirect,
    adds: [packageOf('dave/phone')],
    after: withMember(direct, 'dave', 'member'),
  }),
  told('the other is removed from a direct chat', 'remove-not-allowed', {
    ...inDirect,
    removes: [bobPhone],
    after: withMember(direct, 'bob', undefined),
  }),
  told('a role in a direct chat', 'policy-fixed', { ...inDirect, after: withMember(direct, 'alice', 'admin') }),
  told('leaving a direct chat', 'policy-fixed', {
    ...inDirect,
    removes: [bobPhone],
    after: withMember(direct, 'bob', undefined),
    intents: [intent('bob/phone')],
  }),
  told('a sibling in a direct chat', 'allowed', { ...inDirect, adds: [packageOf('bob/web', 1n)] }),
  told('a sibling in a self chat', 'allowed', { ...inSelf, adds: [packageOf('alice/new', 2n)] }),
  told('a stranger in a self chat', 'policy-malformed', {
    ...inSelf,
    adds: [packageOf('bob/phone')],
    after: withMember(self, 'bob', 'member'),
  }),
  told('permissions of a self chat', 'policy-fixed', { ...inSelf, after: { ...self, add: 'members' } }),

  // Accounts that ended.
  told('an account that ended is taken out by anyone', 'allowed', { ...inGone, removes: [gonePhone], after: policy }),
  told('its leaves first', 'allowed', { ...inGone, removes: [gonePhone] }),
  told('its line without its leaf', 'leaf-outside-policy', { ...inGone, after: policy }),
  told('it commits', 'committer-invalid', { ...inGone, by: gonePhone }),
  told('it committed before it ended', 'allowed', { ...inGone, by: gonePhone, accounts: [...accounts, goneLater] }),
  told('it is added', 'account-closed', { ...base, accounts: [...accounts, gone], after: withGone }),
  told('it is taken out of a direct chat', 'allowed', {
    by: alicePhone,
    leaves: [alicePhone, gonePhone],
    accounts: [alice, gone],
    policy: group({ alice: 'member', gone: 'member' }, { kind: 'direct' }),
    removes: [gonePhone],
    after: group({ alice: 'member' }, { kind: 'direct' }),
  }),
  told('the only admin ended', 'allowed', {
    ...inGone,
    policy: group({ gone: 'admin', alice: 'member', bob: 'member', carol: 'member' }),
    removes: [gonePhone],
    after: group({ alice: 'member', bob: 'member', carol: 'member' }),
  }),

  // External commits.
  told('a device joins by itself', 'allowed', joining),
  told('a device comes back in place of its old leaf', 'allowed', {
    ...joining,
    leaves: [...leaves, leafOf('bob/web', 7, 1n)],
    removes: [leafOf('bob/web', 7, 1n)],
  }),
  told('a second leaf of its own', 'device-twice', { ...joining, leaves: [...leaves, leafOf('bob/web', 7, 1n)] }),
  told('a joiner removes a sibling', 'external-not-alone', { ...joining, removes: [bobPhone] }),
  told('a joiner removes another', 'external-not-alone', { ...joining, removes: [carolPhone] }),
  told('a joiner changes the policy', 'external-not-alone', {
    ...joining,
    by: leafOf('alice/new', -1, 2n),
    after: open,
  }),
  told('a joiner brings another', 'external-not-alone', { ...joining, adds: [packageOf('alice/new', 2n)] }),
  told('a joiner carries out a leave', 'external-not-alone', { ...joining, ...carolLeaves, removes: [] }),
  told('a stranger joins', 'committer-invalid', { ...joining, by: leafOf('dave/phone', -1) }),
  told('an unlinked device joins', 'committer-invalid', { ...joining, by: leafOf('carol/old', -1, 1n) }),
  told('a joiner that does not name itself', 'delta-differs', { ...joining, aad: { adds: [] } }),
]
