import { type AccountId, type ChatId, type DeviceId, parseAccountId, parseChatId, parseDeviceId } from '@quintet/domain'

/** What a key of the self state is about. An `other` key is a later version's: kept, passed on, without effect here (M6). */
export type SelfKey =
  | { readonly family: 'device-name'; readonly device: DeviceId }
  | { readonly family: 'removed'; readonly device: DeviceId }
  | { readonly family: 'read'; readonly chat: ChatId }
  | { readonly family: 'hidden'; readonly chat: ChatId }
  | { readonly family: 'floor'; readonly chat: ChatId }
  | { readonly family: 'accepted'; readonly account: AccountId }
  | { readonly family: 'blocked'; readonly account: AccountId }
  | { readonly family: 'contact'; readonly account: AccountId }
  | { readonly family: 'verified'; readonly account: AccountId }
  | { readonly family: 'fork'; readonly account: AccountId }
  | { readonly family: 'profile'; readonly name: 'name' }
  | { readonly family: 'settings'; readonly name: 'read-receipts' | 'delivered' }
  | { readonly family: 'other' }

const other: SelfKey = { family: 'other' }

/** Reads a key; whatever is not exactly one of the known ones is `other`. */
export function parseSelfKey(text: string): SelfKey {
  const slash = text.indexOf('/')
  const family = text.slice(0, slash)
  const rest = text.slice(slash + 1)
  switch (family) {
    case 'device-name':
    case 'removed': {
      const device = parseDeviceId(rest)
      return device === undefined ? other : { family, device }
    }
    case 'read':
    case 'hidden':
    case 'floor': {
      const chat = parseChatId(rest)
      return chat === undefined ? other : { family, chat }
    }
    case 'accepted':
    case 'blocked':
    case 'contact':
    case 'verified':
    case 'fork': {
      const account = parseAccountId(rest)
      return account === undefined ? other : { family, account }
    }
    case 'profile':
      return rest === 'name' ? { family, name: rest } : other
    case 'settings':
      return rest === 'read-receipts' || rest === 'delivered' ? { family, name: rest } : other
    default: // text from the wire, not a union
      return other
  }
}

/** The text of a key, as ops carry it. */
export function selfKey(key: Exclude<SelfKey, { family: 'other' }>): string {
  switch (key.family) {
    case 'device-name':
    case 'removed':
      return `${key.family}/${key.device}`
    case 'read':
    case 'hidden':
    case 'floor':
      return `${key.family}/${key.chat}`
    case 'accepted':
    case 'blocked':
    case 'contact':
    case 'verified':
    case 'fork':
      return `${key.family}/${key.account}`
    case 'profile':
    case 'settings':
      return `${key.family}/${key.name}`
  }
}
