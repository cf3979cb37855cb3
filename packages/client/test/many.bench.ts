/** How long the list and a page take in a large profile: `node packages/client/test/many.bench.ts`. */
import { chatViews } from '../src/content/chat-view.ts'
import { messageViews } from '../src/content/message-view.ts'
import { applyDelivered } from '../src/content/progress.ts'
import { accountId, alice, bob, chatId, messageId } from './people.ts'
import { addChat, byAlice, byBob, me, profile, react, start, thread } from './thread.ts'

const chats = 300
const perChat = Number(process.argv[2] ?? 333)

function timed<T>(name: string, work: () => T): T {
  const from = performance.now()
  const result = work()
  console.log(`${name}: ${(performance.now() - from).toFixed(1)} ms`)
  return result
}

const db = profile()
const threads = Array.from({ length: chats }, (_, at) => {
  const chat = chatId(at + 1)
  const group = at % 3 === 0
  const peer = accountId(1000 + at)
  db.run('insert into account (account, handle, name) values (?, ?, ?)', peer, `person${at}`, `Person ${at}`)
  const many = Array.from({ length: 12 }, (_, n) => accountId(1000 + ((at + n) % chats)))
  addChat(db, chat, {
    kind: group ? 'group' : 'direct',
    members: group ? [alice, bob, ...many] : [alice, peer],
    creator: group ? alice : peer,
  })
  return thread(db, chat)
})
timed(`${chats * perChat} messages applied, each in its own transaction`, () => {
  for (let n = 0; n < perChat; n++) {
    for (const [at, one] of threads.entries()) {
      const { id } = one.text(n % 3 === 0 ? byAlice : byBob, `message ${n} of ${at}`, { at: start + n * 60_000 })
      if (n % 50 === 0) one.say(byAlice, react(id, '👍'))
    }
  }
})
for (let round = 0; round < 3; round++) timed('chats', () => chatViews(db, me))
for (let round = 0; round < 3; round++) timed('50 messages', () => messageViews(db, me, chatId(1), 50))
const big = thread(db, chatId(9999))
addChat(db, chatId(9999), { kind: 'direct', members: [alice, bob] })
timed('10000 messages applied in one chat', () => {
  for (let n = 0; n < 10_000; n++)
    big.text(n % 2 === 0 ? byAlice : byBob, `message ${n}`, { id: messageId(1_000_000 + n) })
})
for (let round = 0; round < 3; round++) timed('50 messages of 10000', () => messageViews(db, me, chatId(9999), 50))
timed('50 messages before the 5000th', () => messageViews(db, me, chatId(9999), 50, 5000))
timed('5000 ticks move at once', () => applyDelivered(db, me, chatId(9999), bob, 10_000))
