import { type ChatId, parseAccountId, parseChatId } from '@quintet/domain'
import type { Notice } from '../api.ts'
import type { Database, Row } from '../ports.ts'
import { numberOf, optionalText, textOf } from '../store/row.ts'

/** What was caught and concerns a person, the newest first: never hidden, each with what it means. */
export function notices(db: Database): readonly Notice[] {
  return db
    .all('select kind, subject, at from fault order by at desc, id desc')
    .flatMap((row) => noticeOf(db, row) ?? [])
}

function noticeOf(db: Database, row: Row): Notice | undefined {
  const subject = optionalText(row, 'subject') ?? ''
  const chat = parseChatId(subject)
  const kind = textOf(row, 'kind')
  const by = kind === 'chat-fork' && chat !== undefined ? claimantsOf(db, chat) : ''
  const sentence = sentenceOf(kind, chat === undefined ? personOf(db, subject) : titleOf(db, chat), by)
  if (sentence === undefined) return undefined
  return { at: new Date(numberOf(row, 'at')).toISOString(), chat, sentence }
}

/** Undefined for what only developers can use. */
function sentenceOf(kind: string, whom: string, by: string): string | undefined {
  switch (kind) {
    case 'log-rollback':
      return `The relay shows an older list of the devices of ${whom} than before. The newer one is kept.`
    case 'log-fork':
    case 'log-forked-view':
      return `Two different lists of the devices of ${whom} are going round. Nothing is sent to them until that is cleared up. Compare safety words with ${whom}.`
    case 'log-fault':
      return `The list of the devices of ${whom} has an entry that is not valid. What came before it counts.`
    case 'statement-downgrade':
      return `A device of ${whom} claims less than it did before. What it could do before still counts.`
    case 'handle-moved':
      return `The handle ${whom} belongs to another person than before. What you write there opens a new chat.`
    case 'chat-fork':
      return `Not everybody in ${whom} was shown the same there, as devices say${by}. Either the relay shows people different messages, or somebody does not tell the truth. Ask them what they see.`
    case 'epoch-differs':
      return `Your devices are not in the same state of ${whom}. Nothing is sent there from this one.`
    case 'chat-gap':
      return `The relay left out messages in ${whom}.`
    case 'roster-differs':
      return `In ${whom} the relay delivers to other devices than those that can read.`
    case 'commit-refused':
      return `A device changed ${whom} in a way that is not allowed. The change was not made.`
    case 'join-refused':
      return `The relay showed a state of ${whom} that cannot be trusted. This device stays out of it.`
    case 'state-lost':
      return `This device could not follow ${whom} any more and joined it again. What it could not read is shown as missing.`
    case 'own-entry-lost':
      return `Something that this device sent to ${whom} is not in its own records any more.`
    case 'kit-blob-old':
      return 'What the recovery kit brought back was older than the last change of your account.'
    default: // kinds that a sibling heals by itself, and those of later versions
      return undefined
  }
}

/** Whose devices say to have seen something else in a chat (R6). */
function claimantsOf(db: Database, chat: ChatId): string {
  const rows = db.all('select account from claim where chat = ? order by at, account', chat)
  return rows.length === 0 ? '' : `: ${rows.map((row) => personOf(db, textOf(row, 'account'))).join(', ')} differ`
}

function personOf(db: Database, subject: string): string {
  const account = parseAccountId(subject)
  const row = account && db.get('select handle, name from account where account = ?', account)
  return (row && (optionalText(row, 'handle') ?? textOf(row, 'name'))) || 'somebody'
}

function titleOf(db: Database, chat: ChatId): string {
  const row = db.get('select kind, peer, title from chat where chat = ?', chat)
  if (row === undefined) return 'a chat'
  if (textOf(row, 'kind') === 'self') return 'your own chat'
  const peer = optionalText(row, 'peer')
  if (peer !== undefined) return `the chat with ${personOf(db, peer)}`
  return textOf(row, 'title') === '' ? 'a group' : `“${textOf(row, 'title')}”`
}
