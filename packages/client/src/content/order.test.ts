import fc from 'fast-check'
import { expect, test } from 'vitest'
import { alice, bob, carol, chatId, messageId } from '../../test/people.ts'
import {
  addChat,
  byAlice,
  byBob,
  byCarol,
  dropped,
  edit,
  erase,
  hour,
  me,
  profile,
  react,
  start,
  thread,
} from '../../test/thread.ts'
import { messageViews } from './message-view.ts'

const group = chatId(2)
const authors = [byAlice, byBob, byCarol]

const step = fc.record({
  by: fc.constantFrom(...authors),
  does: fc.constantFrom('text', 'text', 'edit', 'delete', 'on', 'off'),
  /** Which of the lines before or after it is meant. */
  about: fc.nat(12),
  hours: fc.nat(20),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

interface Entry extends Step {
  readonly seq: number
  readonly at: number
}

/** The log as the relay numbered it: time never goes back. */
function numbered(steps: readonly Step[]): readonly Entry[] {
  let at = start
  return steps.map((one, index) => {
    at += one.hours * hour
    return { ...one, seq: index + 1, at }
  })
}

function play(entries: readonly Entry[]) {
  const db = profile()
  addChat(db, group, { kind: 'group', members: [alice, bob, carol], admins: [carol] })
  const chat = thread(db, group)
  for (const { by, does, about, seq, at } of entries) {
    const target = messageId(about + 1)
    if (does === 'text') chat.text(by, `said at ${seq}`, { seq, at, id: messageId(seq) })
    else if (does === 'edit') chat.say(by, edit(target, `edited at ${seq}`), { seq, at })
    else if (does === 'delete') chat.say(by, erase(target), { seq, at })
    else chat.say(by, react(target, '👍', does === 'off'), { seq, at })
  }
  return { views: messageViews(db, me, group, 100), dropped: dropped(db, group) }
}

test('a thread with holes that are filled later ends as if there had been none', () => {
  const logs = fc.array(step, { minLength: 2, maxLength: 16 }).map(numbered)
  const orders = logs.chain((log) =>
    fc.tuple(fc.constant(log), fc.shuffledSubarray([...log], { minLength: log.length })),
  )
  fc.assert(
    fc.property(orders, ([log, shuffled]) => {
      expect(play(shuffled)).toEqual(play(log))
    }),
    { numRuns: 150 },
  )
})

test('whatever others do, the words of a message are its author’s or gone', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }).map(numbered), (log) => {
      const authorOf = new Map(log.map(({ by, seq }) => [seq, by]))
      for (const { seq, text, deleted } of play(log).views) {
        if (seq === undefined || deleted) continue
        const from = Number(/at (\d+)$/.exec(text ?? '')?.[1])
        expect(authorOf.get(from)?.account).toBe(authorOf.get(seq)?.account)
      }
    }),
    { numRuns: 60 },
  )
})
