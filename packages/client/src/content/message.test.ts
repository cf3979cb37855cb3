import { bytesOf } from '@quintet/domain'
import { expect, test } from 'vitest'
import { alice, bob, carol, chatId, messageId } from '../../test/people.ts'
import {
  addChat,
  byAlice,
  byAliceLaptop,
  byBob,
  byCarol,
  dropped,
  edit,
  enqueueText,
  erase,
  hour,
  me,
  profile,
  react,
  start,
  thread,
} from '../../test/thread.ts'
import { setBlocked } from '../selfstate/blocked.ts'
import { markReadUpTo } from '../selfstate/read.ts'
import { messageView, messageViews } from './message-view.ts'

const direct = chatId(1)
const group = chatId(2)

function world() {
  const db = profile()
  addChat(db, direct, { kind: 'direct', members: [alice, bob] })
  addChat(db, group, { kind: 'group', members: [alice, bob, carol], admins: [carol] })
  const views = (chat = direct) => messageViews(db, me, chat, 100)
  return { db, bob: thread(db, direct), group: thread(db, group), views }
}

test('messages stand in the order of the relay, with who, when and what', () => {
  const { bob: chat, views } = world()
  chat.text(byBob, 'hello')
  const mine = chat.text(byAlice, 'hi')
  const [first, second] = views()
  expect(first).toMatchObject({ seq: 1, from: 'bob', text: 'hello', at: '2026-03-01T09:00:01.000Z', edited: false })
  expect(first?.tick).toBeUndefined()
  expect(second).toMatchObject({ seq: 2, from: 'alice', text: 'hi', tick: 'sent' })
  expect(mine.events).toEqual([{ event: 'tick', chat: direct, id: mine.id, tick: 'sent' }])
})

test('what a sibling wrote is news on this device, what this device wrote is not', () => {
  const { bob: chat } = world()
  expect(chat.text(byAliceLaptop, 'from the laptop').events).toMatchObject([{ event: 'message' }])
  expect(chat.text(byAlice, 'from here').events).toMatchObject([{ event: 'tick' }])
  expect(chat.text(byBob, 'from bob').events).toMatchObject([{ event: 'message', message: { text: 'from bob' } }])
})

test('what is not accepted yet stands after everything, in the order written (M5)', () => {
  const { db, bob: chat, views } = world()
  chat.text(byBob, 'one')
  enqueueText(db, direct, messageId(0xf1), 'two', start)
  enqueueText(db, direct, messageId(0xf2), 'three', start)
  chat.text(byBob, 'late')
  expect(views().map(({ text, tick }) => [text, tick])).toEqual([
    ['one', undefined],
    ['late', undefined],
    ['two', 'pending'],
    ['three', 'pending'],
  ])
  expect(messageViews(db, me, direct, 3).map(({ text }) => text)).toEqual(['late', 'two', 'three'])
  expect(messageView(db, me, direct, messageId(0xf2))).toMatchObject({ text: 'three', tick: 'pending' })
})

test('older pages are found by seq, without what is pending', () => {
  const { db, bob: chat } = world()
  for (const text of ['a', 'b', 'c', 'd', 'e']) chat.text(byBob, text)
  enqueueText(db, direct, messageId(0xf3), 'pending')
  expect(messageViews(db, me, direct, 2, 4).map(({ text }) => text)).toEqual(['b', 'c'])
  expect(messageViews(db, me, direct, 2, 1)).toEqual([])
})

test('a reply names what it answers', () => {
  const { bob: chat, views } = world()
  const { id } = chat.text(byBob, 'tea?')
  chat.say(byAlice, { case: 'text', value: { text: 'yes', replyTo: new Uint8Array(0) } })
  chat.say(byAlice, { case: 'text', value: { text: 'yes', replyTo: bytesOf(id) } })
  expect(views().map(({ replyTo }) => replyTo)).toEqual([undefined, undefined, id])
})

test('an author edits from any of their devices, and what was there before is kept (M1)', () => {
  const { db, bob: chat, views } = world()
  const { id } = chat.text(byAlice, 'helo')
  expect(chat.say(byAliceLaptop, edit(id, 'hello')).events).toMatchObject([
    { event: 'edit', message: { text: 'hello' } },
  ])
  chat.say(byAlice, edit(id, 'hello!'))
  expect(views()).toMatchObject([{ text: 'hello!', edited: true }])
  expect(db.all('select text from version order by seq').map((row) => row['text'])).toEqual(['helo', 'hello', 'hello!'])
})

test('nobody edits the message of another, an admin neither (M1)', () => {
  const { db, group: chat, views } = world()
  const { id } = chat.text(byBob, 'mine')
  expect(chat.say(byCarol, edit(id, 'hers')).events).toEqual([])
  expect(views(group)).toMatchObject([{ text: 'mine', edited: false }])
  expect(dropped(db, group)).toEqual({ 'not-entitled': 1 })
})

test('an edit comes within a day by the time of the relay, or not at all (M1)', () => {
  const { db, bob: chat, views } = world()
  const { id } = chat.text(byBob, 'v1', { at: start })
  chat.say(byBob, edit(id, 'v2'), { at: start + 24 * hour })
  chat.say(byBob, edit(id, 'v3'), { at: start + 24 * hour + 1 })
  expect(views()).toMatchObject([{ text: 'v2' }])
  expect(dropped(db, direct)).toEqual({ 'late-edit': 1 })
})

test('of two edits the newer by seq stands, though the older one comes later', () => {
  const { bob: chat, views } = world()
  const { id } = chat.text(byBob, 'v1')
  chat.say(byBob, edit(id, 'v3'), { seq: 9 })
  chat.say(byBob, edit(id, 'v2'), { seq: 5 })
  expect(views()).toMatchObject([{ text: 'v3' }])
})

test('a message that is deleted for all leaves a line and nothing else (M1, P4)', () => {
  const { db, bob: chat, views } = world()
  const { id } = chat.text(byBob, 'secret')
  chat.say(byBob, edit(id, 'more secret'))
  chat.say(byAlice, react(id, '👍'))
  expect(chat.say(byBob, erase(id)).events).toMatchObject([{ event: 'delete', message: { deleted: true } }])
  expect(views()).toMatchObject([{ id, deleted: true, edited: false, reactions: {} }])
  expect(views()[0]?.text).toBeUndefined()
  expect(db.get('select text, body, body_key, unread from message')).toEqual({
    text: null,
    body: null,
    body_key: null,
    unread: 0,
  })
  expect(db.all('select * from version')).toEqual([])
  expect(db.all('select * from reaction')).toEqual([])
})

test('nothing brings a deleted message back, and nobody is blamed for having tried', () => {
  const { db, bob: chat, views } = world()
  const { id } = chat.text(byBob, 'secret')
  chat.say(byBob, erase(id))
  for (const deed of [edit(id, 'again'), react(id, '👍'), erase(id)]) {
    expect(chat.say(byBob, deed).events).toEqual([])
  }
  expect(views()).toMatchObject([{ deleted: true, reactions: {} }])
  expect(dropped(db, direct)).toEqual({})
})

test('an admin of a group deletes what others wrote; a member does not, the peer of a direct chat neither (M1)', () => {
  const { db, bob: chat, group: many, views } = world()
  const first = many.text(byBob, 'rude')
  const second = many.text(byBob, 'kind')
  many.say(byCarol, erase(first.id))
  many.say(byAlice, erase(second.id))
  expect(views(group).map(({ deleted }) => deleted)).toEqual([true, false])
  db.run("update member set role = 'admin' where chat = ?", direct)
  const mine = chat.text(byAlice, 'stays')
  chat.say(byBob, erase(mine.id))
  expect(views()[0]?.deleted).toBe(false)
  expect([dropped(db, group), dropped(db, direct)]).toEqual([{ 'not-entitled': 1 }, { 'not-entitled': 1 }])
})

test('a reaction counts once per person and emoji, until it is taken off (M1)', () => {
  const { group: chat, views } = world()
  const { id } = chat.text(byAlice, 'cake?')
  expect(chat.say(byBob, react(id, '🍰')).events).toMatchObject([
    { event: 'reaction', message: { reactions: { '🍰': ['bob'] } } },
  ])
  expect(chat.say(byBob, react(id, '🍰')).events).toEqual([])
  chat.say(byCarol, react(id, '🍰'))
  chat.say(byBob, react(id, '👍'))
  expect(views(group)[0]?.reactions).toEqual({ '🍰': ['bob', 'carol'], '👍': ['bob'] })
  chat.say(byBob, react(id, '🍰', true))
  expect(views(group)[0]?.reactions).toEqual({ '🍰': ['carol'], '👍': ['bob'] })
})

test('a reaction that was taken off stays off when its beginning comes later', () => {
  const { bob: chat, views } = world()
  const { id } = chat.text(byBob, 'hm')
  chat.say(byAlice, react(id, '👍', true), { seq: 8 })
  chat.say(byAlice, react(id, '👍'), { seq: 7 })
  expect(views()[0]?.reactions).toEqual({})
})

test('what was done to a message before it came is done when it comes (M1)', () => {
  const { db, group: chat, views } = world()
  const [first, second] = [messageId(0xee1), messageId(0xee2)]
  chat.say(byBob, edit(first, 'edited'), { seq: 11 })
  chat.say(byCarol, react(first, '👍'), { seq: 12 })
  chat.say(byAlice, edit(first, 'not by her'), { seq: 13 })
  chat.say(byCarol, erase(second), { seq: 14 })
  db.run("update member set role = 'member' where account = ?", carol)
  expect(views(group)).toEqual([])
  const late = chat.text(byBob, 'as written', { seq: 3, id: first })
  expect(late.events).toMatchObject([{ event: 'message', message: { text: 'edited', reactions: { '👍': ['carol'] } } }])
  chat.text(byBob, 'as written', { seq: 4, id: second })
  expect(views(group)).toMatchObject([{ text: 'edited' }, { deleted: true }])
  expect(dropped(db, group)).toEqual({ 'not-entitled': 1 })
  expect(db.all('select * from waiting')).toEqual([])
})

test('one id in two chats is two messages, and twice in one chat is the first (M1)', () => {
  const { db, bob: chat, group: many, views } = world()
  const { id } = chat.text(byAlice, 'ours')
  many.text(byBob, 'ours', { id })
  many.say(byBob, erase(id))
  many.say(byCarol, react(id, '👍'))
  expect(views(direct)).toMatchObject([{ text: 'ours', reactions: {} }])
  expect(chat.text(byBob, 'ours', { id }).events).toEqual([])
  chat.say(byBob, erase(id))
  expect(views(direct)).toMatchObject([{ text: 'ours', from: 'alice', deleted: false }])
  expect(dropped(db, direct)).toEqual({ 'doubled-id': 1, 'not-entitled': 1 })
})

test('a kind of a later version is kept and says so (M6)', () => {
  const { db, bob: chat, views } = world()
  chat.say(byBob, undefined, { content: true })
  chat.say(byBob, undefined, { content: false })
  expect(views()).toMatchObject([{ unknown: true, from: 'bob' }, { unknown: true }])
  expect(db.all('select unread, body from message order by seq').map((row) => row['unread'])).toEqual([1, 0])
  chat.say(byBob, edit(views()[0]?.id ?? messageId(0), 'text after all'))
  expect(dropped(db, direct)).toEqual({ 'not-a-text': 1 })
})

test('what has no words, too many, or no target is dropped and counted', () => {
  const { db, bob: chat, views } = world()
  chat.text(byBob, ' \n')
  chat.text(byBob, 'x'.repeat(64 * 1024 + 1))
  chat.say(byBob, { case: 'delete', value: { target: new Uint8Array(31) } })
  const { id } = chat.text(byBob, 'fine')
  chat.say(byAlice, react(id, 'a b'))
  chat.say(byAlice, react(id, '\u202e👍'))
  chat.say(byBob, edit(id, ''))
  expect(views()).toMatchObject([{ text: 'fine', reactions: {}, edited: false }])
  expect(dropped(db, direct)).toEqual({ malformed: 6 })
})

test('a reaction that calls itself content is dropped and counted (T2)', () => {
  const { db, bob: chat, views } = world()
  const { id } = chat.text(byBob, 'hm')
  chat.say(byBob, react(id, '👍'), { content: true })
  expect(views()[0]?.reactions).toEqual({})
  expect(dropped(db, direct)).toEqual({ 'content-flag': 1 })
})

test('what is read on another device before it comes here is not unread', () => {
  const { db, bob: chat } = world()
  chat.text(byBob, 'one')
  db.transaction(() => markReadUpTo(db, me, direct, 2))
  chat.text(byBob, 'two')
  chat.text(byBob, 'three')
  expect(db.all('select seq from message where unread = 1').map((row) => row['seq'])).toEqual([3])
})

test('what somebody blocked says to me alone is never seen, in a group it is folded (M4)', () => {
  const { db, bob: chat, group: many, views } = world()
  const { id } = many.text(byCarol, 'party')
  db.transaction(() => setBlocked(db, me, bob, true))
  expect(chat.text(byBob, 'let me in').events).toEqual([])
  expect(views()).toEqual([])
  chat.text(byAlice, 'still mine to write')
  expect(views()).toMatchObject([{ from: 'alice' }])
  many.text(byBob, 'boo')
  many.say(byBob, react(id, '👎'))
  expect(views(group)).toMatchObject([
    { text: 'party', reactions: {} },
    { text: 'boo', folded: true },
  ])
  expect(db.all('select seq from message where unread = 1').map((row) => row['seq'])).toEqual([1])
  db.transaction(() => setBlocked(db, me, bob, false))
  expect(views(group)[1]?.folded).toBeUndefined()
})

test('more messages in one millisecond than there is room for keep their order in time', () => {
  const { db, bob: chat } = world()
  for (let n = 0; n < 1030; n++) chat.text(byBob, `${n}`, { at: start })
  const order = db.all('select text from message order by row').map((row) => Number(row['text']))
  expect(order).toEqual(Array.from({ length: 1030 }, (_, n) => n))
})
