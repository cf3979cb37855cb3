import type { AccountId } from '@quintet/domain'
import { abortMessage, endOf, type LinkEnd, parseMessage } from './message.ts'
import type { KnownMessage } from './message.ts'

/** What either side of a linking is told besides its own inputs. */
export type CommonInput =
  /** The other side's next message, in order, each once. */
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  /** The offer's two minutes are over. */
  | { readonly kind: 'expired' }
  /** The relay repeated, left out or changed a message. */
  | { readonly kind: 'tampered' }

/** What either side wants done, in this order. */
export type CommonEffect =
  | { readonly kind: 'send'; readonly message: Uint8Array }
  /** Give the account's whole log, fresh from the relay, as input `log`. */
  | { readonly kind: 'fetch-log'; readonly account: AccountId }
  /** Nothing was linked, or nothing more is handed over; `by` says who ended it. The offer is dead. */
  | { readonly kind: 'ended'; readonly reason: LinkEnd; readonly by: 'this-side' | 'other-side' }

export interface Ended {
  readonly stage: 'ended'
}

export interface EndStep {
  readonly state: Ended
  readonly effects: readonly CommonEffect[]
}

/** Ends it and tells the other side why. */
export function end(reason: LinkEnd): EndStep {
  return {
    state: { stage: 'ended' },
    effects: [
      { kind: 'send', message: abortMessage(reason) },
      { kind: 'ended', reason, by: 'this-side' },
    ],
  }
}

/** What all stages answer alike; a message that is none of these comes back parsed. */
export function common(input: CommonInput): EndStep | KnownMessage {
  if (input.kind === 'tampered') return end('fault')
  if (input.kind === 'expired') {
    return { state: { stage: 'ended' }, effects: [{ kind: 'ended', reason: 'expired', by: 'this-side' }] }
  }
  const message = parseMessage(input.bytes)
  if (message === undefined) return end('fault')
  if (message.case !== 'abort') return message
  const reason = endOf(message.value.reason)
  return { state: { stage: 'ended' }, effects: [{ kind: 'ended', reason, by: 'other-side' }] }
}
