import { bytesOf } from '@quintet/domain'
import {
  ChatKind,
  type ChatPolicy,
  ChatPolicySchema,
  create,
  fromBinary,
  PolicyMemberSchema,
  PredecessorSchema,
  Role,
  Suite,
  toBinary,
} from '@quintet/wire'
import { expect, test } from 'vitest'
import { accountId, chat, group } from '../../test/policy-story.ts'
import { decodePolicy, encodePolicy, isAdmin, sameFixedFields } from './policy.ts'

const policy = group({ carol: 'member', alice: 'admin', bob: 'member' }, { add: 'members' })

test('a policy is read as it was written, whatever order its members were in', () => {
  expect(decodePolicy(encodePolicy(policy))).toEqual({ ...policy, members: new Map([...policy.members].sort()) })
  const turned = { ...policy, members: new Map([...policy.members].reverse()) }
  expect(encodePolicy(turned)).toEqual(encodePolicy(policy))
  const successor = { ...policy, predecessor: { chat, seq: 7n, logHash: new Uint8Array(32) } }
  expect(decodePolicy(encodePolicy(successor))?.predecessor?.seq).toBe(7n)
})

test('roles and what never changes', () => {
  expect(isAdmin(policy, accountId('alice'))).toBe(true)
  expect(isAdmin(policy, accountId('bob'))).toBe(false)
  expect(isAdmin(policy, accountId('dave'))).toBe(false)
  const successor = { ...policy, predecessor: { chat, seq: 7n, logHash: new Uint8Array(32) } }
  expect(sameFixedFields(policy, { ...policy, editInfo: 'members' })).toBe(true)
  expect(sameFixedFields(successor, { ...successor })).toBe(true)
  expect(sameFixedFields(policy, successor)).toBe(false)
})

const member = (name: string, role: Role) => create(PolicyMemberSchema, { account: bytesOf(accountId(name)), role })

test('what is not exactly one policy is refused', () => {
  const wrong: readonly ((policy: ChatPolicy) => void)[] = [
    (message) => {
      message.version = 2
    },
    (message) => {
      message.version = 0
    },
    (message) => {
      message.kind = ChatKind.UNSPECIFIED
    },
    (message) => {
      message.suite = Suite.UNSPECIFIED
    },
    (message) => {
      message.creator = new Uint8Array(31)
    },
    (message) => {
      message.members = []
    },
    (message) => {
      message.members = [member('alice', Role.UNSPECIFIED)]
    },
    (message) => {
      message.members = [member('alice', Role.ADMIN), member('alice', Role.MEMBER)]
    },
    (message) => {
      message.members.reverse()
    },
    (message) => {
      message.members = [create(PolicyMemberSchema, { account: new Uint8Array(31), role: Role.MEMBER })]
    },
    (message) => {
      message.predecessor = create(PredecessorSchema, { chat: new Uint8Array(3) })
    },
    (message) => {
      message.kind = ChatKind.SELF
    },
    (message) => {
      message.kind = ChatKind.DIRECT
    },
  ]
  for (const change of wrong) {
    const message = fromBinary(ChatPolicySchema, encodePolicy(policy))
    change(message)
    expect(decodePolicy(toBinary(ChatPolicySchema, message))).toBeUndefined()
  }
})

test('values and fields of a later version are refused: who ignores them would read another policy than who knows them', () => {
  const after = (...bytes: readonly number[]) => decodePolicy(new Uint8Array([...encodePolicy(policy), ...bytes]))
  expect(after()).toBeDefined()
  expect(after(0x10, 9)).toBeUndefined() // kind 9
  expect(after(0x20, 9)).toBeUndefined() // suite 9
  expect(after(0x30, 7)).toBeUndefined() // add 7
  expect(after(0xf8, 0x07, 1)).toBeUndefined() // field 127
  expect(after(1, 2, 3)).toBeUndefined()
})
