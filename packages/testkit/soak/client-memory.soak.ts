import { collect } from '../../../scripts/soak/collect.ts'
import type { Soak } from '../../../scripts/soak/soak.ts'
import { LongTalk } from '../test/faults/long-talk.ts'

/** Code warms up and caches fill in the first rounds. */
const warmUp = 3
/** What noise may add, MB: a leak of a KB a message is more than that after the rounds of a complete run. */
const slackMb = 6
const messages = 400

let talk: LongTalk | undefined
let rounds = 0
let least = Number.POSITIVE_INFINITY

export const soak: Soak = {
  name: 'client-memory',
  about: 'two clients talk and reconnect in one process: their heap stays flat',
  rounds: 30,
  async round(seed) {
    talk ??= await LongTalk.begin(seed)
    const counted = await talk.goOn(messages)
    const heap = collect()
    rounds += 1
    if (rounds > warmUp) {
      if (heap > least + slackMb) throw new Error(`the heap grew from ${least} to ${heap} MB in ${rounds} rounds`)
      least = Math.min(least, heap)
    }
    return counted
  },
}
