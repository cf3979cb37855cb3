import { bytesOf, type ChatId, hexOf } from '@quintet/domain'
import { expectAnswer, type TestDevice } from '@quintet/relay/testing'
import type { Chance } from '../chance.ts'
import { Heard } from './heard.ts'
import type { Pulse } from './pulse.ts'

/** A device that hears what its chats say and acknowledges some of it, now and then. */
export class Listener {
  device: TestDevice
  readonly heard = new Map<ChatId, Heard>()
  fault: Error | undefined
  private readonly pulse: Pulse
  private readonly chance: Chance
  private early: (() => void)[] | undefined = []

  constructor(device: TestDevice, pulse: Pulse, chance: Chance) {
    this.device = device
    this.pulse = pulse
    this.chance = chance
  }

  enter(chat: ChatId, firstHash: Uint8Array): void {
    this.heard.set(chat, new Heard(`${hexOf(bytesOf(this.device.keys.device)).slice(0, 6)}`, firstHash))
  }

  /** From here on whatever is pushed comes after what is fetched. */
  listen(): void {
    this.early = []
    const { line } = this.device
    line.tellPushes((push) => {
      if (push.case !== 'entry' || push.value.entry === undefined) return
      const { chat, entry } = push.value
      const take = (): void => {
        const known = [...this.heard].find(([id]) => hexOf(bytesOf(id)) === hexOf(chat))
        if (known === undefined) return
        try {
          if (known[1].take(entry) && this.chance.int(10) === 0) this.acknowledge(known[0])
        } catch (error) {
          this.fault ??= error instanceof Error ? error : new Error('unknown')
        }
      }
      if (this.early) this.early.push(take)
      else take()
    })
  }

  private acknowledge(chat: ChatId): void {
    this.pulse.beat('ack')
    this.device.ack(chat, BigInt(this.heard.get(chat)?.seq ?? 0)).catch(() => undefined)
  }

  /** Fetches what it has not heard: all of that is there, because it has not acknowledged it (R7). */
  async catchUp(): Promise<void> {
    for (const [chat, heard] of this.heard) {
      for (;;) {
        const value = { chat: bytesOf(chat), after: BigInt(heard.seq) }
        const page = expectAnswer(await this.device.ask({ case: 'fetch', value }), 'fetched')
        if (page.holes.length > 0) throw new Error(`${heard.who}: what it had not heard is gone`)
        if (Number(page.headSeq) < heard.seq)
          throw new Error(`${heard.who}: the log ends at ${page.headSeq}, it heard ${heard.seq}`)
        for (const entry of page.entries) heard.take(entry)
        if (heard.seq >= Number(page.headSeq)) break
      }
    }
    const early = this.early ?? []
    this.early = undefined
    for (const take of early) take()
    if (this.fault) throw this.fault
  }
}
