import type { CommonInput } from '@quintet/crypto'
import type { OfferChannel } from './offer-channel.ts'

/** What carrying out an effect leads to. `later`: a person is asked, and messages go on being heard meanwhile. */
export type Outcome<Input, Result> =
  | { readonly kind: 'done' }
  | { readonly kind: 'input'; readonly input: Input }
  | { readonly kind: 'later'; readonly input: Promise<Input> }
  | { readonly kind: 'result'; readonly result: Result }

interface Step<State, Effect> {
  readonly state: State
  readonly effects: readonly Effect[]
}

/**
 * Drives one side of a linking: effects in order, one input at a time; what an effect answers comes before what the
 * other side says next. `ending`: the conversation is over whether the effect succeeds or not. Ends with the first `result`, or with what `perform` throws.
 */
export async function converse<State, Input, Effect extends { readonly kind: string }, Result>(
  channel: OfferChannel,
  start: Step<State, Effect>,
  step: (state: State, input: Input | CommonInput) => Promise<Step<State, Effect>>,
  perform: (effect: Effect, ending: boolean) => Promise<Outcome<Input, Result>>,
): Promise<Result> {
  let { state, effects } = start
  let hearing: Promise<CommonInput> | undefined
  let asking: Promise<Input> | undefined
  for (;;) {
    const answers: Input[] = []
    const ending = effects.some((effect) => effect.kind === 'ended')
    for (const effect of effects) {
      const outcome = await perform(effect, ending)
      if (outcome.kind === 'result') return outcome.result
      if (outcome.kind === 'input') answers.push(outcome.input)
      if (outcome.kind === 'later') asking = outcome.input
    }
    const [answer] = answers
    if (answer !== undefined) {
      ;({ state, effects } = await step(state, answer))
      continue
    }
    hearing ??= channel.next()
    const heard = hearing.then((input) => ({ from: 'channel', input }) as const)
    const asked = asking?.then((input) => ({ from: 'person', input }) as const)
    const first = await Promise.race(asked === undefined ? [heard] : [heard, asked])
    if (first.from === 'channel') hearing = undefined
    else asking = undefined
    ;({ state, effects } = await step(state, first.input))
  }
}
