import { bytesOf, type ChatId, parseChatBytes } from '@quintet/domain'
import { create, type Entry, EntryKind, EntrySchema, FailureCode } from '@quintet/wire'
import type { Core } from '../core.ts'
import type { Row } from '../ports.ts'
import { ask } from '../relay/ask.ts'
import { clientErrorOf, isFailure } from '../relay/failure.ts'
import { blobOf, numberOf } from '../store/row.ts'
import { takeSkippedOwn } from './message.ts'
import { chatRecord } from './record.ts'

/**
 * After a chat was entered anew: asks the relay which of the entries that were sealed before it has taken (R3).
 *
 * Those it has are put in their place; the rest is numbered and sealed anew. So nothing goes out twice, nothing is lost.
 * What it has not is not shown to it either: it is sealed to whoever was in then, and they may have been put out since (C7).
 */
export async function settleSealed(core: Core, chat: ChatId): Promise<void> {
  const rows = core.db.all('select * from outbox where chat = ? and message is not null order by id', chat)
  if (rows.length === 0) return
  const { chats } = await ask(core, 'sync', {}, 'sync')
  const lastN = Number(chats.find((one) => parseChatBytes(one.chat) === chat)?.lastN ?? 0)
  for (const row of rows) {
    const answer = numberOf(row, 'n') > lastN ? 'not-taken' : await askFor(core, chat, row)
    core.write((emit) => {
      const record = chatRecord(core.db, chat)
      const id = numberOf(row, 'id')
      if (record === undefined) return
      if (answer === 'not-taken') core.db.run('update outbox set epoch = null, message = null where id = ?', id)
      else if (answer === 'other')
        core.db.run('update outbox set n = null, epoch = null, message = null where id = ?', id)
      else if (Number(answer.seq) <= record.cursor) takeSkippedOwn(core, record, answer, emit)
    })
  }
}

/** The entry as the relay holds it, or that it does not hold these bytes; `other`: it holds different ones under that number. */
async function askFor(core: Core, chat: ChatId, row: Row): Promise<Entry | 'not-taken' | 'other'> {
  const parts = {
    epoch: BigInt(numberOf(row, 'epoch')),
    n: BigInt(numberOf(row, 'n')),
    content: numberOf(row, 'content') === 1,
    message: blobOf(row, 'message'),
  }
  try {
    const { seq, atMs } = await core.relay.call('append', { chat: bytesOf(chat), ...parts }, 'appended')
    return create(EntrySchema, { ...parts, seq, atMs, kind: EntryKind.MESSAGE, device: bytesOf(core.mustOwn().device) })
  } catch (error) {
    if (isFailure(error, FailureCode.CONFLICT)) return 'other'
    if (isFailure(error, FailureCode.STALE) || isFailure(error, FailureCode.GAP)) return 'not-taken'
    throw clientErrorOf(error)
  }
}
