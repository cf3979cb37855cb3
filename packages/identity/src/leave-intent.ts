import { sha256 } from '@noble/hashes/sha2.js'
import { type AccountId, asciiBytes, bytesOf, type ChatId, concatBytes, type DeviceId } from '@quintet/domain'
import { parseAccountBytes, parseChatBytes, parseDeviceBytes } from '@quintet/domain'
import {
  create,
  fromBinary,
  LeaveIntentSchema,
  type SignedLeaveIntent,
  SignedLeaveIntentSchema,
  toBinary,
} from '@quintet/wire'
import type { AccountState } from './account-state.ts'
import { activeDevice, deviceActiveAt } from './device-view.ts'
import { type SignFn, verifySignature } from './signature.ts'

const prefix = asciiBytes('quintet/leave/v1\0')

/** "This account leaves this chat" (C6). */
export interface LeaveClaim {
  readonly chat: ChatId
  readonly account: AccountId
  /** The device that signs. */
  readonly device: DeviceId
  /** 16 random bytes. */
  readonly nonce: Uint8Array
}

/** Signs with the device's log key. */
export async function signLeaveIntent(claim: LeaveClaim, sign: SignFn): Promise<SignedLeaveIntent> {
  const { chat, account, device, nonce } = claim
  const fields = { chat: bytesOf(chat), account: bytesOf(account), device: bytesOf(device), nonce }
  const intent = toBinary(LeaveIntentSchema, create(LeaveIntentSchema, fields))
  return create(SignedLeaveIntentSchema, { intent, signature: await sign(concatBytes(prefix, intent)) })
}

/** What an intent takes at most: bytes. Everybody in the chat is handed it. */
const maxIntentBytes = 512

/** Reads what an intent says, its signature unchecked; undefined when malformed. */
export function decodeLeaveIntent(signed: SignedLeaveIntent): LeaveClaim | undefined {
  if (signed.intent.length > maxIntentBytes) return undefined
  try {
    const intent = fromBinary(LeaveIntentSchema, signed.intent)
    const chat = parseChatBytes(intent.chat)
    const account = parseAccountBytes(intent.account)
    const device = parseDeviceBytes(intent.device)
    if (chat === undefined || account === undefined || device === undefined) return undefined
    return intent.nonce.length === 16 ? { chat, account, device, nonce: intent.nonce } : undefined
  } catch {
    return undefined
  }
}

/**
 * The claim, iff an active device of that account signed it; undefined otherwise.
 *
 * `atMs`: one that was active at that time, for a commit that carried the intent out then.
 */
export function verifyLeaveIntent(
  signed: SignedLeaveIntent,
  state: AccountState,
  atMs?: number,
): LeaveClaim | undefined {
  const claim = decodeLeaveIntent(signed)
  if (claim === undefined || claim.account !== state.account) return undefined
  const { device } = claim
  const record = atMs === undefined ? activeDevice(state, device) : deviceActiveAt(state, device, atMs)
  const valid = record && verifySignature(record.logKey, concatBytes(prefix, signed.intent), signed.signature)
  return valid ? claim : undefined
}

/** How a commit names the intent that it carries out: SHA-256 of the encoded SignedLeaveIntent. */
export function leaveIntentHash(signed: SignedLeaveIntent): Uint8Array {
  const { intent, signature } = signed
  return sha256(toBinary(SignedLeaveIntentSchema, create(SignedLeaveIntentSchema, { intent, signature })))
}
