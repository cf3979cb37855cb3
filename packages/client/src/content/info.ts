import type { Info } from '@quintet/wire'
import type { ClientEvent } from '../api.ts'
import type { Database, Row } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { numberOf, optionalText, textOf } from '../store/row.ts'
import type { Arrived } from './arrived.ts'
import { type ChatRow, mayEditInfo } from './chat-row.ts'
import { drop } from './drop.ts'
import { isName, maxNameBytes } from './limits.ts'

/** Title and description of a group (M2): by those whom the policy lets, or repeated for newcomers; the newest by seq wins. */
export function applyInfo(db: Database, me: Me, chat: ChatRow, arrived: Arrived, info: Info): readonly ClientEvent[] {
  if (chat.kind !== 'group') return drop(db, chat.chat, 'not-entitled')
  if (!isName(info.title) || info.description.length > 4 * maxNameBytes) return drop(db, chat.chat, 'malformed')
  return info.snapshot ? applySnapshot(db, me, chat, arrived, info) : applyChange(db, chat, arrived, info)
}

function applyChange(db: Database, chat: ChatRow, arrived: Arrived, info: Info): readonly ClientEvent[] {
  if (!mayEditInfo(db, chat, arrived.account)) return drop(db, chat.chat, 'not-entitled')
  return setInfo(db, chat, info, arrived.seq)
}

/**
 * A snapshot tells newcomers what was set before they came. Whoever was there knows better: one that names an entry
 * which this device has seen, and which set nothing, is forged.
 */
function applySnapshot(db: Database, me: Me, chat: ChatRow, arrived: Arrived, info: Info): readonly ClientEvent[] {
  const setSeq = Number(info.setSeq)
  const row = db.get('select title, title_seq, join_seq, joined_by from chat where chat = ?', chat.chat)
  if (row === undefined || !isNews(row, setSeq)) return []
  const seen = setSeq > numberOf(row, 'join_seq') && !inGap(db, chat, setSeq)
  if (seen) return drop(db, chat.chat, 'forged-info')
  const by = optionalText(row, 'joined_by')
  const trusted = arrived.account === me.account || by === arrived.account || by === arrived.device
  if (!trusted && !mayEditInfo(db, chat, arrived.account)) return drop(db, chat.chat, 'not-entitled')
  return setInfo(db, chat, info, setSeq)
}

/** A name that the log before had (C13) counts where there is none. */
function isNews(row: Row, setSeq: number): boolean {
  const known = numberOf(row, 'title_seq')
  return setSeq > known || (setSeq === 0 && known === 0 && textOf(row, 'title') === '')
}

function setInfo(db: Database, { chat }: ChatRow, info: Info, seq: number): readonly ClientEvent[] {
  const changed = db.run(
    "update chat set title = ?, description = ?, title_seq = ? where chat = ? and (title_seq < ? or title = '')",
    info.title,
    info.description,
    seq,
    chat,
    seq,
  )
  return changed === 0 ? [] : [{ event: 'chat', chat, change: 'info' }]
}

function inGap(db: Database, { chat }: ChatRow, seq: number): boolean {
  return (
    db.get('select 1 as one from gap where chat = ? and from_seq <= ? and to_seq >= ?', chat, seq, seq) !== undefined
  )
}
