import { sameBytes } from '@quintet/domain'
import { expectAnswer, outcome, type TestDevice } from '@quintet/relay/testing'
import type { Pulse } from './pulse.ts'

interface Newcomer {
  readonly device: TestDevice
  readonly handle: string
  taken: boolean
}

/** People who sign up while the relay may die. */
export class SignUps {
  private readonly all: Newcomer[] = []
  private readonly pulse: Pulse

  constructor(pulse: Pulse) {
    this.pulse = pulse
  }

  get taken(): number {
    return this.all.filter(({ taken }) => taken).length
  }

  async add(device: TestDevice): Promise<void> {
    const newcomer = { device, handle: `new-${this.all.length + 1}`, taken: false }
    this.all.push(newcomer)
    this.pulse.beat('sign-up')
    newcomer.taken = (await device.signUp(newcomer.handle)).case === 'signedUp'
  }

  /** Who was taken in is there, whole; who does not know signs up again with the same words, and is taken in. */
  async check(back: (device: TestDevice) => Promise<TestDevice>, helper: TestDevice): Promise<void> {
    for (const newcomer of this.all) {
      const { handle, taken } = newcomer
      const device = await back(newcomer.device)
      const answer = await (taken ? device.signIn() : device.signUp(handle))
      device.line.close()
      if (answer.case === 'failure') throw new Error(`${handle} (${taken ? 'taken in' : 'unsure'}): ${outcome(answer)}`)
      newcomer.taken = true
      const found = expectAnswer(await helper.ask({ case: 'lookup', value: { handle } }), 'lookedUp')
      if (!sameBytes(found.account, device.account.bytes)) throw new Error(`${handle} is somebody else`)
    }
  }
}
