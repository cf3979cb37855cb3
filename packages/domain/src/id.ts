/**
 * Ids as the code carries them: a letter, `_` and lowercase hex. On the wire they are raw bytes.
 *
 * The parsers are the only way to make one; a cast elsewhere is a lie that the compiler then repeats.
 */
declare const brand: unique symbol
type Id<Name extends string> = string & { readonly [brand]: Name }

/** SHA-256 of the account's genesis entry (D2). */
export type AccountId = Id<'account'>
/** 16 random bytes, never reused (D4). */
export type DeviceId = Id<'device'>
/** 32 bytes: random, or derived for a direct chat (C2). Also the MLS group id. */
export type ChatId = Id<'chat'>
/** The entry id of a message: a commitment to its body, 32 bytes (H1). */
export type MessageId = Id<'message'>

const lengths = { a: 32, d: 16, c: 32, m: 32 } as const
type Letter = keyof typeof lengths

function parse<T extends string>(letter: Letter, text: string): T | undefined {
  const shape = text.length === 2 + 2 * lengths[letter] && text.startsWith(`${letter}_`)
  return shape && /^[0-9a-f]+$/.test(text.slice(2)) ? (text as T) : undefined
}

function parseBytes<T extends string>(letter: Letter, bytes: Uint8Array): T | undefined {
  return bytes.length === lengths[letter] ? (`${letter}_${hexOf(bytes)}` as T) : undefined
}

/** Each gives undefined for anything that is not exactly such an id. */
export const parseAccountId = (text: string): AccountId | undefined => parse('a', text)
export const parseDeviceId = (text: string): DeviceId | undefined => parse('d', text)
export const parseChatId = (text: string): ChatId | undefined => parse('c', text)
export const parseMessageId = (text: string): MessageId | undefined => parse('m', text)

/** From the wire; undefined when the length is wrong. */
export const parseAccountBytes = (bytes: Uint8Array): AccountId | undefined => parseBytes('a', bytes)
export const parseDeviceBytes = (bytes: Uint8Array): DeviceId | undefined => parseBytes('d', bytes)
export const parseChatBytes = (bytes: Uint8Array): ChatId | undefined => parseBytes('c', bytes)
export const parseMessageBytes = (bytes: Uint8Array): MessageId | undefined => parseBytes('m', bytes)

/** The raw bytes of an id, as they go on the wire. */
export function bytesOf(id: AccountId | DeviceId | ChatId | MessageId): Uint8Array {
  return bytesOfHex(id.slice(2))
}

const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Lowercase hex of the bytes. */
export function hexOf(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += digits[byte] ?? ''
  return text
}

/** The bytes of lowercase hex of even length; the caller has checked that it is. */
export function bytesOfHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2)
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16)
  return bytes
}
