import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostile } from '../../../../scripts/fuzz/hostile.ts'
import { Outcomes, runs } from '../../../../scripts/fuzz/runs.ts'
import { playLink, testAccount, testDevice, type Told, type Twists } from '../../test/link-story.ts'

/** Where the conversation is disturbed: the message of that number to that side. */
interface Place {
  readonly side: 'toNew' | 'toApprover'
  readonly at: number
}

/** Plays a linking in which one message, or a log that is read, is not what was sent. */
async function played(twists: Twists): Promise<Told> {
  const phone = testDevice('phone')
  return playLink(await testAccount(phone), phone, testDevice('desktop'), twists)
}

const ends = ({ newSide, approver }: Told) => ({
  imported: newSide.some(({ kind }) => kind === 'import'),
  handedOver: approver.some(({ kind }) => kind === 'add-to-self-chat'),
  ended: [...newSide, ...approver].some(({ kind }) => kind === 'ended'),
})

test('whatever comes in place of a link message, each side goes on rightly or ends it', async () => {
  const outcomes = new Outcomes()
  const place: fc.Arbitrary<Place> = fc.oneof(
    fc.record({ side: fc.constant('toNew' as const), at: fc.nat(2) }),
    fc.record({ side: fc.constant('toApprover' as const), at: fc.nat(3) }),
  )
  await fc.assert(
    fc.asyncProperty(place, fc.nat(1_000_000), async ({ side, at }, salt) => {
      let changed = false
      const told = await played({
        [side]: (message: Uint8Array, index: number) => {
          if (index !== at) return [{ kind: 'message', bytes: message }]
          const [bytes = message] = fc.sample(hostile([message]), { seed: salt, numRuns: 1 })
          changed = Buffer.compare(bytes, message) !== 0
          return [{ kind: 'message', bytes }]
        },
      })
      const { imported, handedOver, ended } = ends(told)
      outcomes.note(`${side} ${at} ${ended ? 'ended' : 'done'}`)
      // No step is made twice, and somebody always says how it ended.
      expect(told.newSide.length + told.approver.length).toBeLessThan(40)
      expect(ended || (imported && handedOver)).toBe(true)
      if (!changed) expect(ended).toBe(false)
      // Hello and Reveal are in what the words are of: a changed one leads nowhere, or to other words.
      const words = (effects: Told['newSide'] | Told['approver']) =>
        effects.flatMap((effect) => (effect.kind === 'ask' ? [effect.words.join(' ')] : []))
      const [left, right] = [words(told.newSide), words(told.approver)]
      if (changed && left[0] !== undefined && right[0] !== undefined && at === 0) expect(left[0]).not.toBe(right[0])
    }),
    runs(70),
  )
  for (const seen of ['toNew 0 ended', 'toNew 1 ended', 'toApprover 0 ended', 'toApprover 2 ended'])
    expect(outcomes.count(seen), seen).toBeGreaterThan(0)
  expect(outcomes.names.some((name) => name.endsWith('done'))).toBe(true)
})

test('whatever either side reads as the log, nothing is handed over about it', async () => {
  const outcomes = new Outcomes()
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('new', 'approver'),
      fc.nat(4),
      fc.uint8Array({ maxLength: 80 }),
      async (whose, how, noise) => {
        const told = await played({
          log(entries, side) {
            if (side !== whose) return entries
            const [first] = entries
            const last = entries.at(-1)
            if (first === undefined || last === undefined) return entries
            if (how === 0) return []
            if (how === 1) return [...entries, { ...last, body: noise }]
            if (how === 2) return [{ ...first, signature: noise }, ...entries.slice(1)]
            if (how === 3) return [...entries, ...entries]
            return [...entries].reverse().slice(noise.length % 2)
          },
        })
        const { handedOver, ended } = ends(told)
        outcomes.note(ended ? 'ended' : 'done')
        expect(handedOver && ended).toBe(false)
      },
    ),
    runs(25),
  )
  expect(outcomes.count('ended')).toBeGreaterThan(0)
})
