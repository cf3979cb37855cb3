import { type DeviceId, hexOf, sameBytes } from '@quintet/domain'

/** One side of an offer: where to push what the other side sends. */
export interface OfferListener {
  readonly address: string
  offerMessage(offer: Uint8Array, index: number, message: Uint8Array): void
}

export type OfferSide = 'opener' | 'approver'

interface Side {
  readonly messages: Uint8Array[]
  listener: OfferListener | undefined
}

export interface OpenOffer {
  readonly offer: Uint8Array
  readonly commit: Uint8Array
  readonly code: string
  readonly openedAtMs: number
  readonly expiresAtMs: number
  readonly opener: Side
  readonly approver: Side
  openedFrom: string
  claimedBy: DeviceId | undefined
}

/** Crockford base32: no I, L, O, U. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

const maxMessages = 16

/**
 * The offers of the last two minutes (L1). What an offer commits to is fixed when it is opened; it is claimed once.
 * Kept in memory: an offer that a restart forgets is made again with two taps.
 */
export class OfferBook {
  private readonly offers = new Map<string, OpenOffer>()
  private readonly codes = new Map<string, OpenOffer>()
  private readonly now: () => number
  private readonly random: (length: number) => Uint8Array

  constructor(now: () => number, random: (length: number) => Uint8Array) {
    this.now = now
    this.random = random
  }

  /** Undefined when the id was used for another commitment. The same offer again is the same device coming back. */
  open(offer: Uint8Array, commit: Uint8Array, lifeMs: number, listener: OfferListener): OpenOffer | undefined {
    this.forgetOld()
    const known = this.offers.get(hexOf(offer))
    if (known && !sameBytes(known.commit, commit)) return undefined
    return known ?? this.newRow(offer, commit, lifeMs, listener)
  }

  private newRow(offer: Uint8Array, commit: Uint8Array, lifeMs: number, listener: OfferListener): OpenOffer {
    const row: OpenOffer = {
      offer: offer.slice(),
      commit: commit.slice(),
      code: this.newCode(),
      openedAtMs: this.now(),
      expiresAtMs: this.now() + lifeMs,
      opener: { messages: [], listener: undefined },
      approver: { messages: [], listener: undefined },
      openedFrom: listener.address,
      claimedBy: undefined,
    }
    this.offers.set(hexOf(offer), row)
    this.codes.set(row.code, row)
    return row
  }

  private newCode(): string {
    let code = ''
    do code = Array.from(this.random(8), (byte) => letters[byte & 31]).join('')
    while (this.codes.has(code))
    return code
  }

  byId(offer: Uint8Array): OpenOffer | undefined {
    this.forgetOld()
    return this.offers.get(hexOf(offer))
  }

  byCode(code: string): OpenOffer | undefined {
    this.forgetOld()
    return this.codes.get(code)
  }

  /** Whatever the other side sent before is told now, in order, and what it sends from here on. */
  attach(row: OpenOffer, side: OfferSide, listener: OfferListener): void {
    const [own, other] = sides(row, side)
    own.listener = listener
    other.messages.forEach((message, index) => void listener.offerMessage(row.offer, index, message))
  }

  /** Keeps a message of one side and passes it on. Each index is taken once; the same message again is harmless. */
  send(row: OpenOffer, from: OfferSide, index: number, message: Uint8Array): 'taken' | 'conflict' {
    const [own, other] = sides(row, from)
    const before = own.messages[index]
    if (before !== undefined) return sameBytes(before, message) ? 'taken' : 'conflict'
    if (index !== own.messages.length || index >= maxMessages) return 'conflict'
    own.messages.push(message.slice())
    other.listener?.offerMessage(row.offer, index, message)
    return 'taken'
  }

  /** The connection is gone. */
  detach(listener: OfferListener): void {
    for (const { opener, approver } of this.offers.values()) {
      if (opener.listener === listener) opener.listener = undefined
      if (approver.listener === listener) approver.listener = undefined
    }
  }

  /** True while the connection waits for what becomes of an offer that it opened. */
  waits(listener: OfferListener): boolean {
    this.forgetOld()
    return [...this.offers.values()].some(({ opener }) => opener.listener === listener)
  }

  openedFrom(address: string): number {
    this.forgetOld()
    return [...this.offers.values()].filter((row) => row.openedFrom === address).length
  }

  private forgetOld(): void {
    const now = this.now()
    for (const [key, row] of this.offers) {
      // One from the future was opened by a clock that has been put back: nobody knows how old it is.
      if (row.expiresAtMs > now && row.openedAtMs <= now) continue
      this.offers.delete(key)
      this.codes.delete(row.code)
    }
  }
}

function sides(row: OpenOffer, side: OfferSide): readonly [own: Side, other: Side] {
  return side === 'opener' ? [row.opener, row.approver] : [row.approver, row.opener]
}
