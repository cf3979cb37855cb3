import { FailureCode, maxBootstrapBytes, maxLinkMessageBytes, type OfferClaim, type OfferOpen, type OfferSend } from '@quintet/wire'
import { type Answer, done, malformed, rateLimited, refuse } from '../answer.ts'
import type { Caller, RelayCore } from '../relay-core.ts'
import type { OfferListener } from './offer-book.ts'

type Reply = (answer: Answer) => void

const offerInvalid: Answer = refuse(FailureCode.OFFER_INVALID, 'That offer is wrong, used or too old.')
const offerIdBytes = 16
/** Room for the sealing around a bootstrap. */
const maxSealedBytes = maxBootstrapBytes + maxLinkMessageBytes

/** L1: a new device makes its offer known and gets the short code for it. */
export function offerOpen(core: RelayCore, listener: OfferListener, call: OfferOpen, reply: Reply): void {
  if (call.offer.length !== offerIdBytes || call.commit.length !== 32) return reply(malformed('The offer'))
  const policy = core.policy()
  const known = core.offers.byId(call.offer) !== undefined
  if (!known && core.offers.openedFrom(listener.address) >= policy.offersPerAddress) {
    return reply(rateLimited(policy.offerLifeMs))
  }
  const row = core.offers.open(call.offer, call.commit, policy.offerLifeMs, listener)
  if (row === undefined) return reply(offerInvalid)
  reply({ case: 'offerOpened', value: { code: row.code, expiresAtMs: BigInt(row.expiresAtMs) } })
  core.offers.attach(row, 'opener', listener)
}

/** The approver takes up an offer by what it scanned, or by the code typed: of these five tries an hour. It is claimed once. */
export function offerClaim(core: RelayCore, caller: Caller, listener: OfferListener, call: OfferClaim, reply: Reply): void {
  const byCode = call.offer.length === 0
  if (byCode) {
    const wait = core.limits.take('codeTries', caller.device)
    if (wait !== undefined) return reply(rateLimited(wait))
  }
  const row = byCode ? core.offers.byCode(call.code) : core.offers.byId(call.offer)
  if (row === undefined || (row.claimedBy !== undefined && row.claimedBy !== caller.device)) return reply(offerInvalid)
  row.claimedBy = caller.device
  const { offer, commit } = row
  const network = row.openedFrom === listener.address ? 'same network' : 'other network'
  reply({ case: 'offerClaimed', value: { offer, commit, expiresAtMs: BigInt(row.expiresAtMs), network } })
  core.offers.attach(row, 'approver', listener)
}

/** Passes a message of the handshake to the other side. */
export function offerSend(core: RelayCore, caller: Caller | undefined, listener: OfferListener, call: OfferSend): Answer {
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
