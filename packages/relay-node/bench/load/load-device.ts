import { nowMs } from './clock.ts'
import type { Dialect, Template } from './dialect.ts'
import { Line } from './line.ts'
import { type PlanDevice, stampBytes } from './plan.ts'

interface Listener {
  /** An entry of another device came that was sent then. */
  arrived(sentMs: number): void
  refused(why: string): void
}

interface Talk {
  readonly chat: number
  readonly template: Template
  n: number
  /** The newest that came, and the newest acknowledged. */
  seq: number
  acknowledged: number
}

/** One connected device that sends, counts what comes, and acknowledges it. */
export class LoadDevice {
  sent = 0
  answered = 0
  /** How many messages it keeps under way by itself. */
  window = 0
  private readonly line: Line
  private readonly dialect: Dialect
  private readonly index: number
  private readonly talks: readonly Talk[]
  private readonly byChat: ReadonlyMap<number, Talk>
  private readonly listener: Listener
  private id = 2
  private turn = 0

  private constructor(line: Line, dialect: Dialect, index: number, talks: readonly Talk[], listener: Listener) {
    this.line = line
    this.dialect = dialect
    this.index = index
    this.listener = listener
    this.talks = talks
    this.byChat = new Map(this.talks.map((talk) => [talk.chat, talk]))
    // Not everybody begins with their first chat.
    this.turn = index
  }

  static async open(
    url: string,
    dialect: Dialect,
    index: number,
    device: PlanDevice,
    listener: Listener,
  ): Promise<LoadDevice> {
    let early: (line: Line) => void = () => {}
    const entered = new Promise<Line>((resolve) => (early = resolve))
    const line = await Line.connect(`${url}${dialect.path}`, (bytes, start, end) => {
      // The greeting may come with the handshake; whoever enters hears it then.
      const copy = Buffer.from(bytes.subarray(start, end))
      void entered.then((opened) => opened.onFrame(copy, 0, copy.length))
    })
    const done = dialect.enter(line, index, device)
    early(line)
    const before = await done
    const talks = device.chats.map((chat): Talk => {
      return { chat, template: dialect.template(chat), n: before.get(chat) ?? 0, seq: 0, acknowledged: 0 }
    })
    const opened = new LoadDevice(line, dialect, index, talks, listener)
    line.onFrame = opened.hear
    line.onEnd = (why) => listener.refused(`the connection ended: ${why}`)
    return opened
  }

  fill(): void {
    while (this.sent - this.answered < this.window) this.send()
  }

  /** Into its next chat. */
  send(): void {
    const talk = this.talks[this.turn++ % this.talks.length]
    if (talk === undefined) return
    this.sent++
    this.line.send(
      talk.template.next(++this.id, ++talk.n, (view) => {
        view.setUint32(0, this.index)
        view.setUint32(4, talk.chat)
        view.setFloat64(8, nowMs())
      }),
    )
  }

  /** Says how far it has come in all of its chats. */
  acknowledge(): void {
    const moved = this.talks.filter(({ seq, acknowledged }) => seq > acknowledged)
    for (const talk of moved) talk.acknowledged = talk.seq
    if (moved.length > 0) this.line.send(this.dialect.ack(++this.id, moved))
  }

  private readonly hear = (bytes: Buffer, start: number, end: number): void => {
    switch (this.dialect.hear(bytes, start, end)) {
      case 'appended':
        this.answered++
        this.fill()
        return
      case 'entry': {
        const stamp = end - stampBytes
        const talk = this.byChat.get(bytes.readUInt32BE(stamp + 4))
        if (talk) talk.seq = this.dialect.seqOf(bytes, start)
        if (bytes.readUInt32BE(stamp) !== this.index) this.listener.arrived(bytes.readDoubleBE(stamp + 8))
        return
      }
      case 'refused':
        this.listener.refused('a message was refused')
        return
      case 'other':
        return
    }
  }
}
