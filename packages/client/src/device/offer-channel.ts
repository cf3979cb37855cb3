import { sameBytes } from '@quintet/domain'
import { FailureCode } from '@quintet/wire'
import type { Core } from '../core.ts'
import { clientErrorOf, isFailure } from '../relay/failure.ts'
import { ConnectionLost } from '../relay/link.ts'
import { overError } from './link-end.ts'

/** How long a broken connection may take to come back while an offer lives, ms. */
const reattachMs = 15_000

/** What came of waiting for the other side. `tampered`: the relay changed, repeated or left out a message. */
type Heard =
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | { readonly kind: 'expired' }
  | { readonly kind: 'tampered' }

/** The two-minute conversation over one link offer: each side's messages in order, each once. */
export interface OfferChannel {
  /** Resolves when the relay has it. Fails with `offer-invalid` when the offer is over. */
  send(message: Uint8Array): Promise<void>
  /** The other side's next message. */
  next(): Promise<Heard>
  close(): void
}

/**
 * Listens on an offer. `attach` opens or claims it at the relay; it is called again on every new connection,
 * upon which the relay repeats all that the other side has sent.
 */
export function openChannel(
  core: Core,
  offer: Uint8Array,
  attach: () => Promise<void>,
): OfferChannel & { expireAt(relayMs: number): void } {
  const received: Uint8Array[] = []
  let taken = 0
  let sent = 0
  let end: 'expired' | 'tampered' | undefined
  let wake = () => {}
  let cancelExpiry = () => {}

  function finish(how: 'expired' | 'tampered'): void {
    end ??= how
    wake()
  }

  const stopPushes = core.relay.onPush((push) => {
    if (push.kind.case !== 'offerMessage' || !sameBytes(push.kind.value.offer, offer)) return
    const { index, message } = push.kind.value
    const before = received[index]
    if (before !== undefined) {
      if (!sameBytes(before, message)) finish('tampered')
    } else if (index === received.length) {
      received.push(message)
      wake()
    } else finish('tampered')
  })
  const stopStates = core.relay.onState((state) => {
    // An offer that is over is told by the next message; a connection that breaks again, by the next state.
    if (state === 'online') attach().catch(() => {})
  })

  async function sendAt(index: number, message: Uint8Array): Promise<void> {
    for (;;) {
      try {
        await core.relay.call('offerSend', { offer, index, message }, 'done')
        return
      } catch (error) {
        // A place that is taken: this offer was used before, by this device or in its name (L1).
        if (isFailure(error, FailureCode.CONFLICT)) throw overError()
        if (!(error instanceof ConnectionLost) || end !== undefined) throw clientErrorOf(error)
        await core.relay.online(reattachMs)
        await attach()
      }
    }
  }

  return {
    send: (message) => sendAt(sent++, message),
    async next() {
      for (;;) {
        const bytes = received[taken]
        if (end !== 'tampered' && bytes !== undefined) {
          taken += 1
          return { kind: 'message', bytes }
        }
        if (end !== undefined) return { kind: end }
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
    expireAt(relayMs) {
      cancelExpiry()
      cancelExpiry = core.clock.after(Math.max(0, relayMs - core.relayNow()), () => finish('expired'))
    },
    close() {
      stopPushes()
      stopStates()
      cancelExpiry()
      finish('expired')
    },
  }
}
