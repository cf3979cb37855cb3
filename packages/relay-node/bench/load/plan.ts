/** Who talks to whom: made once, the same for the relay and the floor. */
export interface Plan {
  readonly target: 'relay' | 'floor'
  readonly url: string
  readonly devices: readonly PlanDevice[]
  readonly chats: readonly PlanChat[]
}

export interface PlanDevice {
  readonly account: Uint8Array
  readonly device: Uint8Array
  /** Places in `chats`. */
  readonly chats: readonly number[]
}

export interface PlanChat {
  readonly id: Uint8Array
}

/** What the benchmark tells a process that makes load. */
export type Order =
  | { readonly kind: 'plan'; readonly plan: Plan; readonly part: number; readonly of: number }
  /** The devices from `from`, before `to`. */
  | { readonly kind: 'connect'; readonly from: number; readonly to: number }
  | { readonly kind: 'signed'; readonly device: number; readonly signature: Uint8Array }
  | { readonly kind: 'go'; readonly pace: Pace; readonly acks: boolean }
  /** Answers the tally since the last mark. */
  | { readonly kind: 'mark' }
  /** Sends no more. */
  | { readonly kind: 'halt' }

/** As much as is taken with that many messages of each device under way, or so many a second over all. */
export type Pace =
  | { readonly kind: 'window'; readonly perDevice: number }
  | { readonly kind: 'rate'; readonly perSecond: number }

export interface Tally {
  readonly sent: number
  readonly answered: number
  /** Entries that came to another device than the one that sent them. */
  readonly delivered: number
  /** How many arrived so late: steps of 20 µs, and how often. */
  readonly lateness: readonly (readonly [step: number, times: number])[]
}

/** What a process that makes load says. */
export type Word =
  | {
      readonly kind: 'sign'
      readonly device: number
      readonly incarnation: Uint8Array
      readonly challenge: Uint8Array
    }
  | { readonly kind: 'connected' }
  | { readonly kind: 'tally'; readonly tally: Tally }
  | { readonly kind: 'failed'; readonly why: string }

export const latenessStepMs = 0.02

/** What stands outside a message's seal takes some of it. */
export const messageBytes = 1024

/** A message ends in who sent it, where, and when. */
export const stampBytes = 16

/** Processes of one program talk: what comes is what was sent. */
export function parseOrder(message: unknown): Order {
  return message as Order
}

export function parseWord(message: unknown): Word {
  return message as Word
}
