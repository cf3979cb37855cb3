import { setTimeout as pause } from 'node:timers/promises'
import { bytesOf, type ChatId, hexOf } from '@quintet/domain'
import { fakeMessage, outcome, type TestDevice } from '@quintet/relay/testing'
import { sha256 } from '../digest.ts'
import type { Heard } from './heard.ts'
import type { Pulse } from './pulse.ts'

interface Written {
  readonly n: bigint
  readonly text: string
  /** As it went out; undefined = not since the chat moved on. */
  message: Uint8Array | undefined
}

interface Given {
  readonly seq: bigint
  readonly atMs: bigint
  readonly message: Uint8Array
}

/** What one device writes in one chat, as a client does it: the same number until it is answered (R3). */
export class Talk {
  readonly chat: ChatId
  readonly device: TestDevice
  /** What was acknowledged, by number. */
  readonly given = new Map<bigint, Given>()
  epoch = 1n
  private readonly waiting: Written[] = []
  private readonly pulse: Pulse
  private last = 0n

  constructor(chat: ChatId, device: TestDevice, pulse: Pulse) {
    this.chat = chat
    this.device = device
    this.pulse = pulse
  }

  get name(): string {
    return `${hexOf(bytesOf(this.device.keys.device)).slice(0, 6)} in ${hexOf(bytesOf(this.chat)).slice(0, 6)}`
  }

  write(text: string): void {
    this.waiting.push({ n: ++this.last, text: `${text} ${this.last}`, message: undefined })
  }

  /** Sends all that waits at once; what the chat moving on refused is sealed anew, until nothing waits. */
  async send(): Promise<void> {
    while (this.waiting.length > 0) {
      const all = [...this.waiting]
      await Promise.all(all.map((each) => this.sendOne(each)))
    }
  }

  private async sendOne(written: Written): Promise<void> {
    written.message ??= fakeMessage(this.chat, this.epoch, written.text)
    const { n, message } = written
    const epoch = epochOf(message, this.chat) ?? this.epoch
    this.pulse.beat('append')
    const answer = await this.device.ask({
      case: 'append',
      value: { chat: bytesOf(this.chat), epoch, n, message, content: true },
    })
    if (answer.case === 'appended') {
      this.take(n, { ...answer.value, message })
      this.waiting.splice(this.waiting.indexOf(written), 1)
      return
    }
    const code = outcome(answer)
    if (code === 'STALE' && answer.case === 'failure') {
      written.message = undefined
      if (answer.value.epoch > this.epoch) this.epoch = answer.value.epoch
    } else if (code === 'RATE_LIMITED' && answer.case === 'failure') {
      // As clients do: not before the relay says that it may be.
      await pause(Number(answer.value.retryAfterMs))
    } else if (code !== 'GAP' && code !== 'UNAVAILABLE' && code !== 'FULL') {
      throw new Error(`${this.name}: number ${n} was answered ${code}`)
    }
  }

  private take(n: bigint, given: Given): void {
    const before = this.given.get(n)
    if (before && (before.seq !== given.seq || before.atMs !== given.atMs)) {
      throw new Error(`${this.name}: number ${n} was given ${before.seq}, then ${given.seq}`)
    }
    if (before === undefined) this.pulse.beat('appended')
    this.given.set(n, given)
  }

  /** What was acknowledged stands in the log where it was said to stand, and nothing of this device stands there besides. */
  compare(entries: Heard['entries']): void {
    const device = hexOf(bytesOf(this.device.keys.device))
    const own = entries.flatMap((entry, at) =>
      entry.device === device && entry.n > 0n ? [{ ...entry, seq: at + 2 }] : [],
    )
    if (own.length !== this.given.size)
      throw new Error(`${this.name}: ${own.length} of ${this.given.size} stand in the log`)
    for (const { n, seq, atMs, digest } of own) {
      const given = this.given.get(n)
      const same = given?.seq === BigInt(seq) && given.atMs === atMs && hexOf(sha256(given.message)) === digest
      if (!same) throw new Error(`${this.name}: number ${n} stands elsewhere than it was said`)
    }
  }

  /** R3: what was acknowledged last is answered the same again, and other bytes under its number are refused. */
  async askAgain(): Promise<void> {
    // Not what was answered last: an answer given again may come after that to a later number.
    const n = [...this.given.keys()].reduce((a, b) => (a > b ? a : b), 0n)
    const given = this.given.get(n)
    if (given === undefined || this.waiting.length > 0) return
    const ask = (message: Uint8Array) =>
      this.device.ask({ case: 'append', value: { chat: bytesOf(this.chat), epoch: this.epoch, n, message } })
    const same = await this.device.ask({
      case: 'append',
      value: {
        chat: bytesOf(this.chat),
        epoch: epochOf(given.message, this.chat) ?? 0n,
        n,
        message: given.message,
        content: true,
      },
    })
    if (same.case !== 'appended') throw new Error(`${this.name}: number ${n} again was answered ${outcome(same)}`)
    this.take(n, { ...same.value, message: given.message })
    const other = outcome(await ask(fakeMessage(this.chat, this.epoch, 'something else')))
    if (other !== 'CONFLICT') throw new Error(`${this.name}: other bytes under number ${n} were answered ${other}`)
  }
}

/** The epoch in a message's header, after the versions and the chat's id with its length. */
function epochOf(message: Uint8Array, chat: ChatId): bigint | undefined {
  const at = 4 + 1 + bytesOf(chat).length
  return message.length < at + 8 ? undefined : new DataView(message.buffer, message.byteOffset).getBigUint64(at)
}
