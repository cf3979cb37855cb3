import { type AccountId, type ChatId, type Progress, type Tick, tickOf } from '@quintet/domain'
import type { Database, Row } from '../ports.ts'
import { settingOn } from '../selfstate/settings.ts'
import type { Me } from '../store/me.ts'
import { accountOf, numberOf } from '../store/row.ts'

/** How far one member has come in a chat. */
export interface Reached {
  readonly account: AccountId
  /** What came up to here was not for them. */
  readonly joined: number
  readonly delivered: number
  readonly read: number
}

/** Reads a row of table `member`. */
export function reachedOf(row: Row): Reached {
  return {
    account: accountOf(row, 'account'),
    joined: numberOf(row, 'joined_seq'),
    delivered: numberOf(row, 'delivered_seq'),
    read: numberOf(row, 'read_seq'),
  }
}

/** The tick of the own account's accepted message with a seq, in one chat. */
export function tickerOf(db: Database, me: Me, chat: ChatId): (seq: number) => Tick {
  const others = db.all('select * from member where chat = ? and account <> ?', chat, me.account).map(reachedOf)
  return ticker(others, settingOn(db, 'read-receipts'))
}

/** Who gives no receipts sees none: `read` then rests at `delivered` (T3). */
export function ticker(others: readonly Reached[], receipts: boolean): (seq: number) => Tick {
  return (seq) => {
    const recipients = others.filter((other) => other.joined < seq)
    return tickOf(true, new Map(recipients.map((other) => [other.account, progress(other, seq, receipts)])))
  }
}

/** A receipt proves delivery, whatever the relay said. */
function progress(of: Reached, seq: number, receipts: boolean): Progress {
  if (of.read >= seq && receipts) return 'read'
  return of.delivered >= seq || of.read >= seq ? 'delivered' : 'none'
}
