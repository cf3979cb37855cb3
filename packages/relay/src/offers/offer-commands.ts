import {
  FailureCode,
  maxBootstrapBytes,
  maxLinkMessageBytes,
  type OfferClaim,
  type OfferOpen,
  type OfferSend,
} from '@quintet/wire'
import { type Answer, done, malformed, rateLimited, refuse } from '../answer.ts'
import type { Caller, RelayCore } from '../relay-core.ts'
import type { OfferListener, OpenOffer } from './offer-book.ts'

/** An answer, and the offer that the connection follows once it has been answered. */
export interface OfferEntrance {
  readonly answer: Answer
  readonly row?: OpenOffer
}

const offerInvalid: Answer = refuse(FailureCode.OFFER_INVALID, 'That offer is wrong, used or too old.')
const offerIdBytes = 16
/** Room for the sealing around a bootstrap. */
const maxSealedBytes = maxBootstrapBytes + maxLinkMessageBytes

/** L1: a new device makes its offer known and gets the short code for it. */
export function offerOpen(core: RelayCore, listener: OfferListener, call: OfferOpen): OfferEntrance {
  if (call.offer.length !== offerIdBytes || call.commit.length !== 32) return { answer: malformed('The offer') }
  const policy = core.policy()
  const known = core.offers.byId(call.offer) !== undefined
  if (!known && core.offers.openedFrom(listener.address) >= policy.offersPerAddress) {
    return { answer: rateLimited(policy.offerLifeMs) }
  }
  const row = core.offers.open(call.offer, call.commit, policy.offerLifeMs, listener)
  if (row === undefined) return { answer: offerInvalid }
  const value = { code: row.code, expiresAtMs: BigInt(row.expiresAtMs) }
  return { answer: { case: 'offerOpened', value }, row }
}

/** The approver takes up an offer by what it scanned, or by the code typed: of these five tries an hour. It is claimed once. */
export function offerClaim(core: RelayCore, caller: Caller, listener: OfferListener, call: OfferClaim): OfferEntrance {
  const byCode = call.offer.length === 0
  if (byCode) {
    const wait = core.limits.take('codeTries', caller.device)
    if (wait !== undefined) return { answer: rateLimited(wait) }
  }
  const row = byCode ? core.offers.byCode(call.code) : core.offers.byId(call.offer)
  const free = row !== undefined && (row.claimedBy === undefined || row.claimedBy === caller.device)
  if (!free) return { answer: offerInvalid }
  row.claimedBy = caller.device
  const { offer, commit } = row
  const network = row.openedFrom === listener.address ? 'same network' : 'other network'
  const value = { offer, commit, expiresAtMs: BigInt(row.expiresAtMs), network }
  return { answer: { case: 'offerClaimed', value }, row }
}

/** Passes a message of the handshake to the other side. */
export function offerSend(
  core: RelayCore,
  caller: Caller | undefined,
  listener: OfferListener,
  call: OfferSend,
): Answer {
  const row = core.offers.byId(call.offer)
  if (row === undefined) return offerInvalid
  const approves = caller !== undefined && row.claimedBy === caller.device
  const from = row.opener.listener === listener ? 'opener' : approves ? 'approver' : undefined
  if (from === undefined) return offerInvalid
  const bound = from === 'approver' ? maxSealedBytes : maxLinkMessageBytes
  if (call.message.length > bound) return refuse(FailureCode.TOO_LARGE, 'The message is too large for linking.')
  const taken = core.offers.send(row, from, call.index, call.message)
  return taken === 'taken' ? done : refuse(FailureCode.CONFLICT, 'That place in the exchange is taken.')
}
