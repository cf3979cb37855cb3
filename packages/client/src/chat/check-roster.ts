import { sha256 } from '@noble/hashes/sha2.js'
import type { Leaf } from '@quintet/crypto'
import { type ChatId, parseCredential, rosterBytes, rosterDigestBytes, sameBytes } from '@quintet/domain'
import type { Entry, RosterDigest } from '@quintet/wire'
import type { Core } from '../core.ts'
import { recordFault } from '../store/fault.ts'
import { chatRecord } from './record.ts'
import { viewIfWhole } from './repair.ts'

/** The newest epoch of each chat that was compared since the start. */
const compared = new WeakMap<Core, Map<ChatId, bigint>>()

/**
 * R2: whom the relay delivers to has to be who is in the tree, at every epoch; a difference is shown.
 *
 * A relay that says nothing of it hides it, and so does one that speaks of an epoch that is over, or, with the commit
 * (`after`) that begins one, of any other. What it says of a later one is compared when this device is there.
 */
export function checkRoster(
  core: Core,
  chat: ChatId,
  told: Pick<RosterDigest, 'epoch' | 'digest'> | undefined,
  after?: Entry,
): void {
  const record = chatRecord(core.db, chat)
  if (record?.state !== 'active') return
  const epoch = BigInt(record.epoch)
  const known = compared.get(core) ?? new Map<ChatId, bigint>()
  const exact = after !== undefined && after.epoch + 1n === epoch
  if (known.get(chat) === epoch || (!exact && told !== undefined && told.epoch > epoch)) return
  const view = viewIfWhole(core, chat)
  if (view === undefined || view.epoch !== epoch) return
  compared.set(core, known.set(chat, epoch))
  if (told?.epoch === epoch && sameBytes(told.digest, digestOf(epoch, view.leaves))) return
  const why = told === undefined ? 'untold' : 'another'
  core.write(() => recordFault(core.db, 'roster-differs', chat, Math.trunc(core.relayNow()), why))
}

function digestOf(epoch: bigint, leaves: readonly Leaf[]): Uint8Array {
  const devices = [...leaves]
    .sort((a, b) => a.index - b.index)
    .flatMap((leaf) => parseCredential(leaf.credential) ?? [])
  return sha256(rosterBytes(epoch, devices)).subarray(0, rosterDigestBytes)
}
