import type { ChatId } from '@quintet/domain'
import type { Database } from '../ports.ts'
import { metaText, setMeta } from '../store/meta.ts'

/** Leave intents that were carried out in this chat, as hex of their hashes: none counts twice. */
export function spentIntents(db: Database, chat: ChatId): ReadonlySet<string> {
  const words = metaText(db, `spent/${chat}`) ?? ''
  return new Set(words.split(' ').filter((one) => one !== ''))
}

/** In a transaction. */
export function keepSpent(db: Database, chat: ChatId, more: readonly string[]): void {
  if (more.length > 0) setMeta(db, `spent/${chat}`, [...new Set([...spentIntents(db, chat), ...more])].join(' '))
}
