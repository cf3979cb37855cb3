import { type ChatId, type MessageId, parseMessageBytes } from '@quintet/domain'
import { BodySchema, fromBinary, type Text } from '@quintet/wire'
import type { MessageView } from '../api.ts'
import type { Database, Row } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { blobOf, chatOf, messageOf, numberOf, optionalText } from '../store/row.ts'

const columns = 'chat, entry, body, written_at'

/** What was written here and is not accepted yet, in the order written (M5): the newest `limit`. */
export function pendingViews(db: Database, me: Me, chat: ChatId, limit: number): readonly MessageView[] {
  const rows = db.all(
    `select ${columns} from outbox where chat = ? and content = 1 order by id desc limit ?`,
    chat,
    limit,
  )
  return viewsOf(db, me, rows).toReversed()
}

/** One of them. */
export function pendingView(db: Database, me: Me, chat: ChatId, id: MessageId): MessageView | undefined {
  const rows = db.all(`select ${columns} from outbox where chat = ? and entry = ? and content = 1`, chat, id)
  return viewsOf(db, me, rows)[0]
}

/** The last of each chat. */
export function lastPendingViews(db: Database, me: Me): readonly MessageView[] {
  const rows = db.all(
    `select ${columns} from outbox where id in (select max(id) from outbox where content = 1 group by chat)`,
  )
  return viewsOf(db, me, rows)
}

function viewsOf(db: Database, me: Me, rows: readonly Row[]): readonly MessageView[] {
  if (rows.length === 0) return []
  const self = db.get('select handle from account where account = ?', me.account)
  const from = (self === undefined ? undefined : optionalText(self, 'handle')) ?? me.account
  return rows.flatMap((row) => {
    const { kind } = fromBinary(BodySchema, blobOf(row, 'body'))
    return kind.case === 'text' ? [viewOf(row, kind.value, me, from)] : []
  })
}

function viewOf(row: Row, text: Text, me: Me, from: string): MessageView {
  return {
    chat: chatOf(row, 'chat'),
    seq: undefined,
    id: messageOf(row, 'entry'),
    at: new Date(numberOf(row, 'written_at')).toISOString(),
    from,
    device: me.device,
    text: text.text,
    tick: 'pending',
    edited: false,
    deleted: false,
    replyTo: parseMessageBytes(text.replyTo),
    reactions: {},
    unknown: false,
  }
}
