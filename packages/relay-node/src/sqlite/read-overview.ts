import { type AccountId, bytesOf, type DeviceId } from '@quintet/domain'
import type { ChatOverview, SyncOverview } from '@quintet/relay'
import { blob, type Database, int, type Row } from './database.ts'
import { accountIn, chatIn } from './ids.ts'
import { intentsOf, kindIn, memberColumns, memberIn, memberJoins, partiesOf, type ReadContext } from './read-chats.ts'

/** Every chat of the account as it stands for one device, and the heads of everyone in them: one moment of the database. */
export function readOverview(
  { db }: ReadContext,
  { account, device }: { account: AccountId; device: DeviceId },
): SyncOverview {
  const chats = db.all(
    `SELECT chats.* FROM accounts JOIN parties ON parties.account = accounts.key JOIN chats ON chats.key = parties.chat
     WHERE accounts.id = ?`,
    bytesOf(account),
  )
  const heads = db.all(
    `SELECT id, head_position, head_hash FROM accounts WHERE id = ?1 OR key IN (
       SELECT theirs.account FROM accounts AS own JOIN parties AS mine ON mine.account = own.key
       JOIN parties AS theirs ON theirs.chat = mine.chat WHERE own.id = ?1)`,
    bytesOf(account),
  )
  const deviceRow = db.get('SELECT key FROM devices WHERE id = ?', bytesOf(device))
  const deviceKey = deviceRow ? int(deviceRow, 'key') : -1
  return {
    chats: chats.map((row) => overviewOf(db, row, deviceKey)),
    heads: heads.map((row) => ({
      account: accountIn(row, 'id'),
      position: int(row, 'head_position'),
      hash: blob(row, 'head_hash'),
    })),
  }
}

function overviewOf(db: Database, row: Row, device: number): ChatOverview {
  const key = int(row, 'key')
  const newest = db.get('SELECT seq, at_ms FROM entries WHERE chat = ? ORDER BY seq DESC LIMIT 1', key)
  const head = newest && int(newest, 'seq') > int(row, 'head_seq') ? newest : undefined
  const member = db.get(
    `SELECT ${memberColumns} FROM members ${memberJoins} WHERE members.chat = ? AND members.device = ?`,
    key,
    device,
  )
  const last =
    member &&
    db.get(
      `SELECT n, seq, at_ms, message FROM entries WHERE chat = ? AND seq > ? AND device = ? AND n > 0
       ORDER BY seq DESC LIMIT 1`,
      key,
      int(member, 'n_seq'),
      device,
    )
  return {
    chat: chatIn(row, 'id'),
    kind: kindIn(row),
    epoch: int(row, 'epoch'),
    headSeq: head ? int(head, 'seq') : int(row, 'head_seq'),
    headAtMs: head ? int(head, 'at_ms') : int(row, 'head_at_ms'),
    member: member && memberIn(member, last),
    parties: partiesOf(db, key),
    intents: intentsOf(db, key),
  }
}
