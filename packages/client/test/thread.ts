import { type AccountId, bytesOf, type ChatId, type DeviceId, type MessageId } from '@quintet/domain'
import { BodySchema, ChatKind, ChatPolicySchema, create, Permission, Role, toBinary } from '@quintet/wire'
import type { ClientEvent } from '../src/api.ts'
import { applyBody } from '../src/content/apply.ts'
import type { BodyInit } from '../src/content/compose.ts'
import type { Database } from '../src/ports.ts'
import { createDatabase } from './database.ts'
import { alice, aliceLaptop, alicePhone, bob, bobPhone, carol, carolPhone, messageId } from './people.ts'

/** The device that looks: Alice's phone. */
export const me = { account: alice, device: alicePhone }
export const start = Date.parse('2026-03-01T09:00:00.000Z')
export const hour = 60 * 60 * 1000

export interface Author {
  readonly account: AccountId
  readonly device: DeviceId
}
export const byAlice: Author = { account: alice, device: alicePhone }
export const byAliceLaptop: Author = { account: alice, device: aliceLaptop }
export const byBob: Author = { account: bob, device: bobPhone }
export const byCarol: Author = { account: carol, device: carolPhone }

/** A profile in which Alice, Bob and Carol are known by their handles. */
export function profile(): Database {
  const db = createDatabase()
  for (const [account, handle] of [
    [alice, 'alice'],
    [bob, 'bob'],
    [carol, 'carol'],
  ] as const) {
    db.run('insert into account (account, handle) values (?, ?)', account, handle)
  }
  return db
}

export interface ChatInput {
  readonly kind: 'direct' | 'group' | 'self'
  readonly members: readonly AccountId[]
  readonly admins?: readonly AccountId[]
  readonly creator?: AccountId
  readonly editInfo?: Permission
  readonly joinSeq?: number
}

const kinds = { direct: ChatKind.DIRECT, group: ChatKind.GROUP, self: ChatKind.SELF } as const

export function addChat(db: Database, chat: ChatId, input: ChatInput): void {
  const admins = input.admins ?? []
  const policy = create(ChatPolicySchema, {
    version: 1,
    kind: kinds[input.kind],
    creator: bytesOf(input.creator ?? alice),
    editInfo: input.editInfo ?? Permission.ADMINS,
    members: input.members.map((account) => ({
      account: bytesOf(account),
      role: admins.includes(account) ? Role.ADMIN : Role.MEMBER,
    })),
  })
  const peer = input.kind === 'direct' ? (input.members.find((account) => account !== alice) ?? null) : null
  db.run(
    "insert into chat (chat, kind, peer, state, policy, join_seq, created_at) values (?, ?, ?, 'active', ?, ?, ?)",
    chat,
    input.kind,
    peer,
    toBinary(ChatPolicySchema, policy),
    input.joinSeq ?? 0,
    start,
  )
  for (const account of input.members) {
    const role = admins.includes(account) ? 'admin' : 'member'
    db.run('insert into member (chat, account, role) values (?, ?, ?)', chat, account, role)
  }
}

interface Said {
  readonly id: MessageId
  readonly seq: number
  readonly events: readonly ClientEvent[]
}
interface SayOptions {
  readonly at?: number
  readonly seq?: number
  readonly id?: MessageId
  readonly content?: boolean
}

/** One chat's log as its relay numbers it. */
export interface Thread {
  readonly chat: ChatId
  say(by: Author, kind: BodyInit['kind'] | undefined, options?: SayOptions): Said
  text(by: Author, text: string, options?: SayOptions): Said
}

let made = 0

export function thread(db: Database, chat: ChatId): Thread {
  let last = 0
  const say: Thread['say'] = (by, kind, options = {}) => {
    const seq = options.seq ?? last + 1
    last = Math.max(last, seq)
    const at = options.at ?? start + seq * 1000
    const id = options.id ?? messageId(++made)
    const body = create(BodySchema, kind === undefined ? {} : { kind })
    const arrived = {
      chat,
      seq,
      at,
      epoch: 1,
      ...by,
      content: options.content ?? kind?.case === 'text',
      sentAt: at,
      id,
      body,
      bodyBytes: toBinary(BodySchema, body),
      bodyKey: new Uint8Array(32).fill(7),
    }
    return { id, seq, events: db.transaction(() => applyBody(db, arrived, me)) }
  }
  return { chat, say, text: (by, text, options) => say(by, { case: 'text', value: { text } }, options) }
}

export const edit = (target: MessageId, text: string): BodyInit['kind'] => ({
  case: 'edit',
  value: { target: bytesOf(target), text },
})
export const erase = (target: MessageId): BodyInit['kind'] => ({ case: 'delete', value: { target: bytesOf(target) } })
export const react = (target: MessageId, emoji: string, off = false): BodyInit['kind'] => ({
  case: 'reaction',
  value: { target: bytesOf(target), emoji, off },
})
export const receipt = (seq: number): BodyInit['kind'] => ({ case: 'receipt', value: { seq: BigInt(seq) } })

/** How often something was dropped in a chat, by cause. */
export function dropped(db: Database, chat: ChatId): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    db.all('select cause, count from dropped where chat = ?', chat).map((row) => [row['cause'], row['count']]),
  )
}

/** Puts a text into the outbox, as the core does. */
export function enqueueText(db: Database, chat: ChatId, id: MessageId, text: string, at = start): void {
  const body = toBinary(BodySchema, create(BodySchema, { kind: { case: 'text', value: { text } } }))
  db.run(
    'insert into outbox (chat, entry, body, body_key, content, written_at) values (?, ?, ?, ?, 1, ?)',
    chat,
    id,
    body,
    new Uint8Array(32),
    at,
  )
}
