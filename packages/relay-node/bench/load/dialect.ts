import type { Line } from './line.ts'
import type { PlanDevice } from './plan.ts'

/** What a frame from the server is to whoever makes load. */
type Heard = 'appended' | 'entry' | 'other' | 'refused'

/** A message to be sent again and again: the bytes of the frame, of which a few change each time. */
export interface Template {
  /** The next message; `write` stamps the end of its body. */
  next(id: number, n: number, stamp: (view: DataView) => void): Uint8Array
}

/** How one of the two servers is spoken to. */
export interface Dialect {
  readonly path: string
  /** Lets the device in. Returns how many messages it has sent before, by the chat's place in the plan. */
  enter(line: Line, index: number, device: PlanDevice): Promise<ReadonlyMap<number, number>>
  /** `chat` is its place in the plan. */
  template(chat: number): Template
  /** At least one. */
  ack(id: number, cursors: readonly { readonly chat: number; readonly seq: number }[]): Uint8Array
  hear(bytes: Buffer, start: number, end: number): Heard
  /** Of an entry. */
  seqOf(bytes: Buffer, start: number): number
}
