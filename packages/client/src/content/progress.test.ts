import { type AccountId, type Progress, tickOf } from '@quintet/domain'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { accountId, alice, bob, carol, chatId } from '../../test/people.ts'
import { addChat, byAlice, byAliceLaptop, byBob, byCarol, me, profile, receipt, thread } from '../../test/thread.ts'
import { setSetting } from '../selfstate/settings.ts'
import { messageViews } from './message-view.ts'
import { applyDelivered } from './progress.ts'
import { ticker } from './ticker.ts'

const direct = chatId(1)
const group = chatId(2)
const notes = chatId(3)

function world() {
  const db = profile()
  addChat(db, direct, { kind: 'direct', members: [alice, bob] })
  addChat(db, group, { kind: 'group', members: [alice, bob, carol] })
  addChat(db, notes, { kind: 'self', members: [alice] })
  const ticks = (chat = direct) => messageViews(db, me, chat, 100).map(({ tick }) => tick)
  const delivered = (to: AccountId, seq: number, chat = direct) => applyDelivered(db, me, chat, to, seq)
  return { db, bob: thread(db, direct), group: thread(db, group), notes: thread(db, notes), ticks, delivered }
}

test('ticks go from sent to delivered to read, and each is told once', () => {
  const { bob: chat, ticks, delivered } = world()
  const { id } = chat.text(byAlice, 'one')
  chat.text(byAlice, 'two')
  expect(ticks()).toEqual(['sent', 'sent'])
  expect(delivered(bob, 1)).toEqual([{ event: 'tick', chat: direct, id, tick: 'delivered' }])
  expect(delivered(bob, 1)).toEqual([])
  expect(ticks()).toEqual(['delivered', 'sent'])
  expect(chat.say(byBob, receipt(2)).events.map((event) => event.event)).toEqual(['tick', 'tick'])
  expect(ticks()).toEqual(['read', 'read'])
  expect(delivered(bob, 2)).toEqual([])
})

test('nothing ever makes a tick go back', () => {
  const { bob: chat, ticks, delivered } = world()
  chat.text(byAlice, 'one')
  chat.say(byBob, receipt(1))
  expect(delivered(bob, 0)).toEqual([])
  expect(chat.say(byBob, receipt(0)).events).toEqual([])
  expect(ticks()).toEqual(['read'])
})

test('in a group a tick waits for the slowest', () => {
  const { group: chat, ticks, delivered } = world()
  chat.text(byAlice, 'all here?')
  expect(delivered(bob, 1, group)).toEqual([])
  expect(chat.say(byBob, receipt(1)).events).toEqual([])
  expect(delivered(carol, 1, group)).toMatchObject([{ tick: 'delivered' }])
  expect(chat.say(byCarol, receipt(1)).events).toMatchObject([{ tick: 'read' }])
  expect(ticks(group)).toEqual(['read'])
})

test('who came later holds back no tick of what was said before', () => {
  const { db, group: chat, ticks, delivered } = world()
  chat.text(byAlice, 'before')
  delivered(bob, 1, group)
  delivered(carol, 1, group)
  db.run("insert into member (chat, account, role, joined_seq) values (?, ?, 'member', 1)", group, accountId(9))
  chat.text(byAlice, 'after', { seq: 3 })
  delivered(bob, 3, group)
  delivered(carol, 3, group)
  expect(ticks(group)).toEqual(['delivered', 'sent'])
})

test('a note to oneself rests at sent, whatever the own devices do', () => {
  const { db, notes: chat, ticks, delivered } = world()
  chat.text(byAlice, 'milk')
  chat.say(byAliceLaptop, receipt(1))
  expect(delivered(alice, 1, notes)).toEqual([])
  expect(ticks(notes)).toEqual(['sent'])
  expect(db.get('select delivered_seq, read_seq from member where chat = ?', notes)).toEqual({
    delivered_seq: 0,
    read_seq: 0,
  })
})

test('a receipt counts no further than where it was given', () => {
  const { bob: chat, ticks } = world()
  chat.text(byAlice, 'one')
  chat.say(byBob, receipt(900))
  chat.text(byAlice, 'not read yet')
  expect(ticks()).toEqual(['read', 'sent'])
})

test('who gives no read receipts gets none (T3)', () => {
  const { db, bob: chat, ticks, delivered } = world()
  chat.text(byAlice, 'one')
  chat.say(byBob, receipt(1))
  db.transaction(() => setSetting(db, me, 'read-receipts', false))
  expect(ticks()).toEqual(['delivered'])
  chat.text(byAlice, 'two')
  delivered(bob, 3)
  expect(chat.say(byBob, receipt(3)).events).toEqual([])
  db.transaction(() => setSetting(db, me, 'read-receipts', true))
  expect(ticks()).toEqual(['read', 'delivered'])
})

test('receipts and deliveries of people who are no members change nothing', () => {
  const { db, bob: chat, ticks, delivered } = world()
  chat.text(byAlice, 'one')
  expect(delivered(carol, 1)).toEqual([])
  expect(chat.say(byCarol, receipt(1)).events).toEqual([])
  expect(ticks()).toEqual(['sent'])
  expect(db.all('select * from member where chat = ?', direct)).toHaveLength(2)
})

test('a tick is what the rule says for the recipients at that seq', () => {
  const seqs = fc.record({ joined: fc.nat(5), delivered: fc.nat(5), read: fc.nat(5) })
  fc.assert(
    fc.property(fc.array(seqs, { maxLength: 4 }), fc.integer({ min: 1, max: 5 }), (reached, seq) => {
      const others = reached.map((one, at) => ({ account: accountId(at + 1), ...one }))
      const expected = others
        .filter(({ joined }) => joined < seq)
        .map(({ account, delivered, read }): [AccountId, Progress] => {
          if (read >= seq) return [account, 'read']
          return [account, delivered >= seq ? 'delivered' : 'none']
        })
      expect(ticker(others, true)(seq)).toBe(tickOf(true, new Map(expected)))
    }),
    { numRuns: 200 },
  )
})
