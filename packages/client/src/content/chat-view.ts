import { type ChatId, parseChatId } from '@quintet/domain'
import type { ChatView, MessageView } from '../api.ts'
import type { Database, Row } from '../ports.ts'
import { hiddenChats } from '../selfstate/hidden.ts'
import type { Me } from '../store/me.ts'
import { chatOf, numberOf, optionalText, textOf } from '../store/row.ts'
import { kindOf } from './chat-row.ts'
import { heldSentence } from './held.ts'
import { lastViews } from './last.ts'
import { isRequest } from './request.ts'
import { type Reached, reachedOf } from './ticker.ts'

interface Other extends Reached {
  readonly handle: string
  readonly name: string
}

/** Every chat that has anything to show, newest first. */
export function chatViews(db: Database, me: Me): readonly ChatView[] {
  const hidden = hiddenChats(db)
  // What is still being joined has neither members nor a name yet: it counts as pending instead. What this device was
  // never in shows nothing.
  const rows = db
    .all(
      "select * from chat where successor is null and (state not in ('joining', 'ended', 'removed') or policy is not null)",
    )
    .filter((row) => numberOf(row, 'newest_seq') > (hidden.get(textOf(row, 'chat')) ?? -1))
  const others = othersByChat(db, me)
  const of = (chat: ChatId) => others.get(chat) ?? []
  const last = lastViews(db, me, of)
  const unread = unreadByChat(db)
  const views = rows.map((row) => {
    const chat = chatOf(row, 'chat')
    const newest = last.get(chat) ?? lastBefore(db, chat, last)
    const view = viewOf(db, me, row, { others: of(chat), last: newest, unread: unread.get(chat) ?? 0 })
    return { view, at: newestAt(row, view.last) }
  })
  return views.sort((a, b) => b.at - a.at || (a.view.chat < b.view.chat ? -1 : 1)).map(({ view }) => view)
}

/** The last line of the chats that this one goes on with, where nothing was said in it yet (C13). */
function lastBefore(db: Database, chat: ChatId, last: ReadonlyMap<ChatId, MessageView>): MessageView | undefined {
  const row = db.get('select chat from chat where successor = ?', chat)
  if (row === undefined) return undefined
  const before = chatOf(row, 'chat')
  const line = last.get(before)
  return line === undefined ? lastBefore(db, before, last) : { ...line, chat }
}

function viewOf(
  db: Database,
  me: Me,
  row: Row,
  around: { readonly others: readonly Other[]; readonly last: MessageView | undefined; readonly unread: number },
): ChatView {
  const chat = chatOf(row, 'chat')
  const kind = kindOf(row)
  return {
    chat,
    kind,
    title: titleOf(row, around.others),
    with: around.others.map((other) => other.handle),
    unread: around.unread,
    request: kind === 'direct' && numberOf(row, 'written') === 0 && isRequest(db, me, chat),
    last: around.last,
    held: heldSentence(textOf(row, 'state'), optionalText(row, 'held'), holderOf(row, around.others)),
  }
}

/** The person whose word holds a chat (R6); undefined where it is none of the others'. */
function holderOf(row: Row, others: readonly Other[]): string | undefined {
  const by = optionalText(row, 'held_by')
  return others.find(({ account }) => account === by)?.handle
}

/** A group is called what was agreed on, or after its people; a direct chat after the other person. */
function titleOf(row: Row, others: readonly Other[]): string {
  if (kindOf(row) === 'self') return 'Note to self'
  const title = textOf(row, 'title')
  if (kindOf(row) === 'group' && title !== '') return title
  return others.map((other) => (other.name === '' ? other.handle : other.name)).join(', ')
}

function newestAt(row: Row, last: MessageView | undefined): number {
  const written = last?.tick === 'pending' ? Date.parse(last.at) : 0
  return Math.max(numberOf(row, 'newest_at'), numberOf(row, 'created_at'), written)
}

/** The members besides the own account; of a direct chat that is not agreed on yet, its peer. */
function othersByChat(db: Database, me: Me): ReadonlyMap<ChatId, readonly Other[]> {
  const rows = db.all(
    `select * from (
     select m.chat, m.account, m.delivered_seq, m.read_seq, m.joined_seq, a.handle, a.name from member m left join account a on a.account = m.account where m.account <> ?
     union all
     select c.chat, c.peer, 0, 0, 0, a.handle, a.name from chat c left join account a on a.account = c.peer
     where c.kind = 'direct' and c.peer is not null
       and not exists (select 1 from member m where m.chat = c.chat and m.account = c.peer)
     ) order by handle is null, handle`,
    me.account,
  )
  const others = new Map<ChatId, Other[]>()
  for (const row of rows) {
    const chat = chatOf(row, 'chat')
    const reached = reachedOf(row)
    const other = {
      ...reached,
      handle: optionalText(row, 'handle') ?? reached.account,
      name: optionalText(row, 'name') ?? '',
    }
    const known = others.get(chat)
    if (known === undefined) others.set(chat, [other])
    else known.push(other)
  }
  return others
}

function unreadByChat(db: Database): ReadonlyMap<ChatId | undefined, number> {
  const rows = db.all(
    `select coalesce(c.successor, m.chat) as chat, count(*) as unread from message m left join chat c on c.chat = m.chat
     where m.unread = 1 group by 1`,
  )
  return new Map(rows.map((row) => [parseChatId(textOf(row, 'chat')), numberOf(row, 'unread')]))
}
