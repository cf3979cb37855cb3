import { Permission } from '@quintet/wire'
import { expect, test } from 'vitest'
import { assert } from '../../test/assert.ts'
import {
  accountId,
  alice,
  aliceLaptop,
  alicePhone,
  bob,
  carol,
  chatId,
  deviceId,
  messageId,
} from '../../test/people.ts'
import {
  addChat,
  byAlice,
  byAliceLaptop,
  byBob,
  byCarol,
  dropped,
  enqueueText,
  hour,
  me,
  profile,
  react,
  receipt,
  start,
  thread,
} from '../../test/thread.ts'
import { createDatabase } from '../../test/database.ts'
import { accept } from '../selfstate/accepted.ts'
import { setBlocked } from '../selfstate/blocked.ts'
import { setHidden } from '../selfstate/hidden.ts'
import { localOp } from '../selfstate/local.ts'
import { profileName, setProfileName } from '../selfstate/profile.ts'
import { markReadUpTo, readUpTo } from '../selfstate/read.ts'
import { snapshot } from '../selfstate/snapshot.ts'
import { chatViews } from './chat-view.ts'
import type { BodyInit } from './compose.ts'
import { infoSnapshotBody } from './info-snapshot.ts'
import { isRequest } from './request.ts'
import { statusCounts } from './status.ts'

const direct = chatId(1)
const group = chatId(2)
const notes = chatId(3)
const info = (title: string, more: { snapshot?: boolean; setSeq?: bigint } = {}) =>
  ({ case: 'info', value: { title, ...more } }) as const

test('the list shows every chat, the newest first, with its last line and what is unread', () => {
  const db = profile()
  addChat(db, direct, { kind: 'direct', members: [alice, bob] })
  addChat(db, group, { kind: 'group', members: [alice, bob, carol], admins: [alice] })
  addChat(db, notes, { kind: 'self', members: [alice] })
  thread(db, notes).text(byAlice, 'milk', { at: start + hour })
  const bobs = thread(db, direct)
  bobs.text(byBob, 'one', { at: start + 2 * hour })
  const { id } = bobs.text(byBob, 'two', { at: start + 2 * hour })
  bobs.say(byAlice, react(id, '👍'))
  bobs.say(byAlice, react(id, '🎉'))
  bobs.say(byAlice, react(id, '🎉', true))
  thread(db, group).say(byAlice, info('Camping'))
  const views = chatViews(db, me)
  expect(views).toMatchObject([
    {
      chat: direct,
      kind: 'direct',
      title: 'bob',
      with: ['bob'],
      unread: 2,
      last: { text: 'two', reactions: { '👍': ['alice'] } },
    },
    { chat: notes, kind: 'self', title: 'Note to self', with: [], unread: 0, last: { text: 'milk', tick: 'sent' } },
    { chat: group, kind: 'group', title: 'Camping', with: ['bob', 'carol'], unread: 0 },
  ])
  expect(views[2]?.last).toBeUndefined()
  expect(views[0]?.last?.reactions).toEqual({ '👍': ['alice'] })
  db.transaction(() => markReadUpTo(db, me, direct, 1))
  expect(chatViews(db, me)[0]?.unread).toBe(1)
})

test('what is in the outbox is the last line and brings its chat to the top', () => {
  const db = profile()
  addChat(db, direct, { kind: 'direct', members: [alice, bob] })
  addChat(db, notes, { kind: 'self', members: [alice] })
  thread(db, notes).text(byAlice, 'milk', { at: start + hour })
  enqueueText(db, direct, messageId(0xf1), 'on my way', start + 2 * hour)
  expect(chatViews(db, me)[0]).toMatchObject({ chat: direct, last: { text: 'on my way', tick: 'pending' } })
})

test('a group without a title is called after its people, a direct chat as the other wishes to be shown', () => {
  const db = profile()
  addChat(db, direct, { kind: 'direct', members: [alice, bob] })
  addChat(db, group, { kind: 'group', members: [alice, bob, accountId(5)] })
  const told = thread(db, direct).say(byBob, { case: 'profile', value: { name: 'Bob Marsh' } })
  expect(told.events).toEqual([{ event: 'chat', chat: direct, change: 'info' }])
  const titles = chatViews(db, me).map(({ title }) => title)
  expect(titles.toSorted()).toEqual(['Bob Marsh', `Bob Marsh, ${accountId(5)}`].toSorted())
})

test('of two names that somebody gave in two chats the newer stands, whichever comes later (M3)', () => {
  const db = profile()
  addChat(db, direct, { kind: 'direct', members: [alice, bob] })
  addChat(db, group, { kind: 'group', members: [alice, bob] })
  thread(db, direct).say(byBob, { case: 'profile', value: { name: 'New' } }, { at: start + hour })
  expect(thread(db, group).say(byBob, { case: 'profile', value: { name: 'Old' } }).events).toEqual([])
  expect(chatViews(db, me).find(({ chat }) => chat === direct)?.title).toBe('New')
})

test('nobody names somebody else, and a name has its limits', () => {
  const db = profile()
  addChat(db, direct, { kind: 'direct', members: [alice, bob] })
  db.transaction(() => setProfileName(db, me, 'Alice'))
  const chat = thread(db, direct)
  chat.say(byAliceLaptop, { case: 'profile', value: { name: 'Not by this way' } })
  chat.say(byBob, { case: 'profile', value: { name: 'x'.repeat(600) } })
  expect(db.get('select name from account where account = ?', alice)).toEqual({ name: 'Alice' })
  expect(chatViews(db, me)[0]?.title).toBe('bob')
  expect(dropped(db, direct)).toEqual({ malformed: 1 })
})

test('a chat of a stranger is a request until it is accepted, answered, or a group is shared (M4)', () => {
  const stranger = () => {
    const db = profile()
    addChat(db, direct, { kind: 'direct', members: [alice, bob], creator: bob })
    thread(db, direct).text(byBob, 'hello, do you remember me?')
    return db
  }
  const asked = stranger()
  expect(chatViews(asked, me)).toMatchObject([{ request: true, unread: 1 }])
  asked.transaction(() => accept(asked, me, bob))
  expect(chatViews(asked, me)).toMatchObject([{ request: false }])

  const answered = stranger()
  enqueueText(answered, direct, messageId(0xf1), 'I do')
  expect(isRequest(answered, me, direct)).toBe(false)

  const written = stranger()
  thread(written, direct).text(byAliceLaptop, 'I do', { seq: 2 })
  expect(isRequest(written, me, direct)).toBe(false)

  const shared = stranger()
  addChat(shared, group, { kind: 'group', members: [alice, bob] })
  expect(isRequest(shared, me, direct)).toBe(false)
  shared.run("update chat set state = 'left' where chat = ?", group)
  expect(isRequest(shared, me, direct)).toBe(true)

  const own = profile()
  addChat(own, direct, { kind: 'direct', members: [alice, bob], creator: alice })
  expect(isRequest(own, me, direct)).toBe(false)
  expect(isRequest(own, me, chatId(99))).toBe(false)
})

test('only those whom the policy lets rename a group (M2)', () => {
  const db = profile()
  addChat(db, group, { kind: 'group', members: [alice, bob, carol], admins: [carol] })
  const chat = thread(db, group)
  chat.say(byBob, info('By a member'))
  expect(chat.say(byCarol, info('By an admin')).events).toEqual([{ event: 'chat', chat: group, change: 'info' }])
  expect(chatViews(db, me)[0]?.title).toBe('By an admin')
  chat.say(byCarol, info('x'.repeat(600)))
  expect(dropped(db, group)).toEqual({ 'not-entitled': 1, malformed: 1 })

  const open = chatId(20)
  addChat(db, open, { kind: 'group', members: [alice, bob], editInfo: Permission.MEMBERS })
  thread(db, open).say(byBob, info('By anybody'))
  expect(chatViews(db, me).find((view) => view.chat === open)?.title).toBe('By anybody')

  addChat(db, direct, { kind: 'direct', members: [alice, bob] })
  thread(db, direct).say(byBob, info('Our chat'))
  expect(dropped(db, direct)).toEqual({ 'not-entitled': 1 })
})

test('a newcomer learns from a snapshot how the group is called; who was there is not told tales (M2)', () => {
  const old = profile()
  addChat(old, group, { kind: 'group', members: [alice, bob, carol], admins: [carol] })
  const known = thread(old, group)
  known.say(byCarol, info('Camping'), { seq: 4 })
  expect(infoSnapshotBody(old, group)?.kind).toMatchObject({ value: { title: 'Camping', snapshot: true, setSeq: 4n } })
  known.say(byBob, info('Fooled', { snapshot: true, setSeq: 7n }), { seq: 8 })
  known.say(byCarol, info('Fooled too', { snapshot: true, setSeq: 99n }), { seq: 9 })
  known.say(byBob, info('Camping', { snapshot: true, setSeq: 4n }), { seq: 10 })
  expect(chatViews(old, me)[0]?.title).toBe('Camping')
  expect(dropped(old, group)).toEqual({ 'forged-info': 2 })

  const fresh = profile()
  addChat(fresh, group, { kind: 'group', members: [alice, bob, carol], admins: [carol], joinSeq: 20 })
  const news = thread(fresh, group)
  news.say(byBob, info('Fooled', { snapshot: true, setSeq: 19n }), { seq: 21 })
  expect(dropped(fresh, group)).toEqual({ 'not-entitled': 1 })
  news.say(byCarol, info('Camping', { snapshot: true, setSeq: 4n }), { seq: 22 })
  expect(chatViews(fresh, me)[0]?.title).toBe('Camping')
  news.say(byCarol, info('Older', { snapshot: true, setSeq: 3n }), { seq: 23 })
  news.say(byCarol, info('Hiking'), { seq: 24 })
  expect(chatViews(fresh, me)[0]?.title).toBe('Hiking')
})

test('a name that the log before had is told to newcomers as well, and takes the place of none that they know (C13)', () => {
  const old = profile()
  addChat(old, group, { kind: 'group', members: [alice, bob, carol], admins: [carol] })
  old.run("update chat set title = 'Camping' where chat = ?", group)
  expect(infoSnapshotBody(old, group)?.kind).toMatchObject({ value: { title: 'Camping', snapshot: true, setSeq: 0n } })

  const fresh = profile()
  addChat(fresh, group, { kind: 'group', members: [alice, bob, carol], admins: [carol], joinSeq: 20 })
  expect(infoSnapshotBody(fresh, group)).toBeUndefined()
  const news = thread(fresh, group)
  news.say(byCarol, info('Camping', { snapshot: true }), { seq: 21 })
  expect(chatViews(fresh, me)[0]?.title).toBe('Camping')
  news.say(byCarol, info('Fooled', { snapshot: true }), { seq: 22 })
  expect(chatViews(fresh, me)[0]?.title).toBe('Camping')
  news.say(byCarol, info('Hiking', { snapshot: true, setSeq: 4n }), { seq: 23 })
  expect(chatViews(fresh, me)[0]?.title).toBe('Hiking')
})

test('whoever added this device is believed about the name, a hole in what was seen is filled', () => {
  const db = profile()
  addChat(db, group, { kind: 'group', members: [alice, bob, carol], admins: [carol], joinSeq: 20 })
  db.run('update chat set joined_by = ? where chat = ?', bob, group)
  const chat = thread(db, group)
  chat.say(byBob, info('Camping', { snapshot: true, setSeq: 4n }), { seq: 21 })
  expect(chatViews(db, me)[0]?.title).toBe('Camping')
  db.run("insert into gap (chat, from_seq, to_seq, cause) values (?, 25, 30, 'deleted')", group)
  chat.say(byCarol, info('Hiking', { snapshot: true, setSeq: 28n }), { seq: 31 })
  expect(chatViews(db, me)[0]?.title).toBe('Hiking')
})

test('a group that a sibling left is left here too; the goodbye of others changes nothing yet (C6)', () => {
  const db = profile()
  addChat(db, group, { kind: 'group', members: [alice, bob] })
  const chat = thread(db, group)
  expect(chat.say(byBob, { case: 'left', value: {} }).events).toEqual([])
  expect(chatViews(db, me)[0]?.held).toBeUndefined()
  expect(chat.say(byAliceLaptop, { case: 'left', value: {} }).events).toEqual([
    { event: 'chat', chat: group, change: 'left' },
  ])
  expect(chatViews(db, me)[0]?.held).toBe('You left this chat. What was said is still here.')
})

test('why nothing can be sent is said in words', () => {
  const db = profile()
  addChat(db, group, { kind: 'group', members: [alice, bob] })
  const heldIn = (state: string, held: string | null) => {
    db.run('update chat set state = ?, held = ? where chat = ?', state, held, group)
    return chatViews(db, me)[0]?.held
  }
  for (const state of ['joining', 'left', 'removed', 'gone', 'blocked']) expect(heldIn(state, null)).toMatch(/\.$/)
  expect(heldIn('active', 'fork')).toMatch(/\.$/)
  expect(heldIn('active', null)).toBeUndefined()
})

test('a hidden chat comes back with the next message', () => {
  const db = profile()
  addChat(db, direct, { kind: 'direct', members: [alice, bob] })
  const chat = thread(db, direct)
  const { seq } = chat.text(byBob, 'bye')
  db.transaction(() => setHidden(db, me, direct, seq))
  expect(chatViews(db, me)).toEqual([])
  chat.text(byBob, 'one more thing')
  expect(chatViews(db, me)).toHaveLength(1)
})

test('what siblings tell each other in the self chat counts, from nobody else and nowhere else', () => {
  const db = profile()
  const laptop = createDatabase()
  addChat(db, notes, { kind: 'self', members: [alice] })
  addChat(db, direct, { kind: 'direct', members: [alice, bob] })
  thread(db, direct).text(byBob, 'hello')
  const chat = thread(db, notes)
  const op = assert(markReadUpTo(laptop, { account: alice, device: aliceLaptop }, direct, 1))
  const selfOps: BodyInit['kind'] = { case: 'selfOps', value: { ops: [op] } }
  thread(db, direct).say(byBob, selfOps, { seq: 2 })
  thread(db, direct).say(byAliceLaptop, selfOps, { seq: 3 })
  expect(readUpTo(db, direct)).toBe(0)
  expect(dropped(db, direct)).toEqual({ 'not-entitled': 2 })
  chat.say(byBob, selfOps)
  expect(dropped(db, notes)).toEqual({ 'not-entitled': 1 })
  expect(readUpTo(db, direct)).toBe(0)
  chat.say(byAliceLaptop, selfOps)
  expect(chatViews(db, me).find((view) => view.chat === direct)?.unread).toBe(0)
  localOp(laptop, { account: alice, device: aliceLaptop }, 'profile/name', undefined)
  assert(setProfileName(laptop, { account: alice, device: aliceLaptop }, 'Alice'))
  chat.say(byAliceLaptop, { case: 'selfOps', value: { snapshot: snapshot(laptop) } })
  expect(profileName(db)).toBe('Alice')
  chat.say(byAliceLaptop, { case: 'epochConfirm', value: {} })
  thread(db, direct).say(byBob, { case: 'epochConfirm', value: {} }, { seq: 4 })
  expect(dropped(db, direct)).toEqual({ 'not-entitled': 3 })
})

test('an own op that comes back from the relay changes nothing', () => {
  const db = profile()
  addChat(db, notes, { kind: 'self', members: [alice] })
  const op = db.transaction(() => assert(setBlocked(db, me, bob, true)))
  expect(thread(db, notes).say(byAlice, { case: 'selfOps', value: { ops: [op] } }).events).toEqual([])
  expect(db.all('select * from fault')).toEqual([])
})

test('the status counts what waits, what is missing and what is still being joined', () => {
  const db = profile()
  expect(statusCounts(db)).toEqual({ outbox: 0, gaps: 0, chatsPending: 0 })
  addChat(db, direct, { kind: 'direct', members: [alice, bob] })
  db.run("insert into chat (chat, kind, state) values (?, 'group', 'joining')", group)
  db.run("insert into gap (chat, from_seq, to_seq, cause) values (?, 2, 3, 'deleted')", direct)
  db.run('insert into self_held (device, counter, op) values (?, 5, ?)', deviceId(1), new Uint8Array())
  enqueueText(db, direct, messageId(0xf1), 'hi')
  expect(statusCounts(db)).toEqual({ outbox: 1, gaps: 2, chatsPending: 1 })
  expect(chatViews(db, me).map(({ chat }) => chat)).toEqual([direct])
})

test('an entry of a chat that is not here changes nothing', () => {
  const db = profile()
  expect(thread(db, chatId(77)).text(byCarol, 'hello?').events).toEqual([])
  expect(thread(db, chatId(77)).say({ account: alice, device: alicePhone }, receipt(1)).events).toEqual([])
})
