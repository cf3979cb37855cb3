import { bytesOf } from '@quintet/domain'
import { Permission } from '@quintet/wire'
import { expect, test } from 'vitest'
import { alice, bob, carol, chatId, messageId } from '../../test/people.ts'
import { addChat, byAlice, byBob, enqueueText, erase, hour, me, profile, start, thread } from '../../test/thread.ts'
import { ClientError } from '../error.ts'
import { setBlocked } from '../selfstate/blocked.ts'
import { setSetting } from '../selfstate/settings.ts'
import {
  deleteBody,
  editBody,
  infoBody,
  newestOfOthers,
  profileBody,
  reactionBody,
  receiptBody,
  receiptDue,
  replyBody,
  textBody,
} from './compose.ts'
import { isEmoji } from './emoji.ts'

const direct = chatId(1)
const group = chatId(2)

function world() {
  const db = profile()
  addChat(db, direct, { kind: 'direct', members: [alice, bob] })
  addChat(db, group, { kind: 'group', members: [alice, bob, carol], admins: [carol] })
  return { db, chat: thread(db, direct), many: thread(db, group) }
}

/** The code that a refusal carries; undefined when there was none. */
function codeOf(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof ClientError) return error.code
    throw error
  }
}

test('a message has at least one letter and at most 64 KB', () => {
  expect(textBody('hi').kind).toMatchObject({ case: 'text', value: { text: 'hi' } })
  expect(codeOf(() => textBody(' \n\t'))).toBe('not-allowed')
  expect(codeOf(() => textBody('ü'.repeat(32 * 1024)))).toBeUndefined()
  expect(codeOf(() => textBody('ü'.repeat(32 * 1024 + 1)))).toBe('too-large')
})

test('what is not in this chat cannot be answered, edited, deleted or reacted to', () => {
  const { db, many } = world()
  const { id } = many.text(byAlice, 'elsewhere')
  for (const target of [id, messageId(0xabc)]) {
    expect(codeOf(() => replyBody(db, me, direct, target, 'yes'))).toBe('unknown-message')
    expect(codeOf(() => editBody(db, me, direct, target, 'yes', start))).toBe('unknown-message')
    expect(codeOf(() => deleteBody(db, me, direct, target))).toBe('unknown-message')
    expect(codeOf(() => reactionBody(db, me, direct, target, '👍', false))).toBe('unknown-message')
  }
})

test('what is still in the outbox can be edited, deleted and answered: that goes out after it', () => {
  const { db } = world()
  const target = messageId(0xf1)
  enqueueText(db, direct, target, 'helo')
  expect(editBody(db, me, direct, target, 'hello', start).kind).toMatchObject({
    case: 'edit',
    value: { target: bytesOf(target) },
  })
  expect(deleteBody(db, me, direct, target).kind).toMatchObject({ case: 'delete' })
  expect(replyBody(db, me, direct, target, 'and').kind).toMatchObject({ value: { replyTo: bytesOf(target) } })
})

test('one edits what one wrote, for a day, and only words', () => {
  const { db, chat } = world()
  const mine = chat.text(byAlice, 'mine', { at: start })
  const his = chat.text(byBob, 'his', { at: start })
  const newer = chat.say(byAlice, undefined, { at: start })
  expect(editBody(db, me, direct, mine.id, 'better', start + 24 * hour).kind).toMatchObject({
    value: { text: 'better' },
  })
  expect(codeOf(() => editBody(db, me, direct, mine.id, 'better', start + 24 * hour + 1))).toBe('not-allowed')
  expect(codeOf(() => editBody(db, me, direct, his.id, 'better', start))).toBe('not-allowed')
  expect(codeOf(() => editBody(db, me, direct, newer.id, 'better', start))).toBe('not-allowed')
  expect(codeOf(() => editBody(db, me, direct, mine.id, '', start))).toBe('not-allowed')
})

test('one deletes what one wrote, and as an admin what others wrote', () => {
  const { db, chat, many } = world()
  const mine = chat.text(byAlice, 'mine')
  const his = chat.text(byBob, 'his')
  const here = many.text(byBob, 'his')
  expect(deleteBody(db, me, direct, mine.id).kind).toMatchObject({ case: 'delete' })
  expect(codeOf(() => deleteBody(db, me, direct, his.id))).toBe('not-allowed')
  expect(codeOf(() => deleteBody(db, me, group, here.id))).toBe('not-allowed')
  db.run("update member set role = 'admin' where chat = ? and account = ?", group, alice)
  expect(deleteBody(db, me, group, here.id).kind).toMatchObject({ case: 'delete' })
})

test('a deleted message can be neither edited nor reacted to nor deleted again, but answered', () => {
  const { db, chat } = world()
  const { id } = chat.text(byAlice, 'oh')
  chat.say(byAlice, erase(id))
  expect(codeOf(() => editBody(db, me, direct, id, 'x', start))).toBe('not-allowed')
  expect(codeOf(() => deleteBody(db, me, direct, id))).toBe('not-allowed')
  expect(codeOf(() => reactionBody(db, me, direct, id, '👍', false))).toBe('not-allowed')
  expect(codeOf(() => replyBody(db, me, direct, id, 'why?'))).toBeUndefined()
})

test('a reaction is exactly one emoji', () => {
  const { db, chat } = world()
  const { id } = chat.text(byBob, 'cake')
  expect(reactionBody(db, me, direct, id, '🍰', true).kind).toMatchObject({ value: { emoji: '🍰', off: true } })
  for (const emoji of ['👍', '👍🏽', '👩‍👩‍👧‍👦', '🇩🇪', '1️⃣', '❤️', '🏴󠁧󠁢󠁳󠁣󠁴󠁿']) expect(isEmoji(emoji), emoji).toBe(true)
  for (const text of ['', 'a', '1', '👍👍', '👍 ', 'ok👍', '🇩', '\u200d']) {
    expect(isEmoji(text), text).toBe(false)
    expect(codeOf(() => reactionBody(db, me, direct, id, text, false))).toBe('not-allowed')
  }
})

test('a receipt names the newest line of somebody else, where receipts are given at all', () => {
  const { db, chat } = world()
  expect(receiptDue(db, me, direct)).toBeUndefined()
  chat.text(byBob, 'one')
  chat.text(byAlice, 'two')
  expect(receiptDue(db, me, direct)).toBe(1)
  expect(receiptBody(1).kind).toMatchObject({ case: 'receipt', value: { seq: 1n } })
  db.transaction(() => setSetting(db, me, 'read-receipts', false))
  expect(receiptDue(db, me, direct)).toBeUndefined()
  expect(newestOfOthers(db, me, direct)).toBe(1)
  db.transaction(() => setSetting(db, me, 'read-receipts', true))
  db.transaction(() => setBlocked(db, me, bob, true))
  expect(receiptDue(db, me, direct)).toBeUndefined()
})

test('a stranger gets no receipt (M4)', () => {
  const { db } = world()
  const strange = chatId(5)
  db.run('delete from member where chat = ?', group)
  addChat(db, strange, { kind: 'direct', members: [alice, bob], creator: bob })
  thread(db, strange).text(byBob, 'psst')
  expect(receiptDue(db, me, strange)).toBeUndefined()
})

test('one renames groups whose policy lets one, and nothing else', () => {
  const { db } = world()
  const open = chatId(6)
  addChat(db, open, { kind: 'group', members: [alice, bob], editInfo: Permission.MEMBERS })
  expect(infoBody(db, me, open, 'Camping', start).kind).toMatchObject({ case: 'info', value: { title: 'Camping' } })
  expect(codeOf(() => infoBody(db, me, open, '  ', start))).toBe('not-allowed')
  expect(codeOf(() => infoBody(db, me, open, 'x'.repeat(600), start))).toBe('too-large')
  expect(codeOf(() => infoBody(db, me, group, 'Camping', start))).toBe('not-allowed')
  expect(codeOf(() => infoBody(db, me, direct, 'Camping', start))).toBe('not-allowed')
  expect(codeOf(() => infoBody(db, me, chatId(99), 'Camping', start))).toBe('unknown-chat')
})

test('a shown name may be empty, but not endless', () => {
  expect(profileBody('').kind).toMatchObject({ case: 'profile', value: { name: '' } })
  expect(profileBody('Alice').kind).toMatchObject({ value: { name: 'Alice' } })
  expect(codeOf(() => profileBody('x'.repeat(600)))).toBe('too-large')
})
