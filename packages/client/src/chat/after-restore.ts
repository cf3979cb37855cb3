import { nextLogHash } from '@quintet/crypto'
import { bytesOf, parseChatBytes, sameBytes } from '@quintet/domain'
import type { ChatState } from '@quintet/wire'
import type { Core } from '../core.ts'
import { bringBack } from '../device/bring-back.ts'
import { isOwed, settleOwed } from '../device/incarnation.ts'
import { ask } from '../relay/ask.ts'
import { clientErrorOf } from '../relay/failure.ts'
import { blobOf } from '../store/row.ts'
import { noteMissing } from './compare-ends.ts'
import { type ChatRecord, chatRecord, chatRecords, setChat } from './record.ts'

/**
 * Makes good what a restore took from the relay, once for each (R9): it is given the logs that it lost, and every chat
 * that it does not know as this device does stands still, for C13 to let it go on. Fails as the relay does.
 */
export async function afterRestore(core: Core, chats: readonly ChatState[]): Promise<void> {
  if (!isOwed(core.db)) return
  await bringBack(core)
  const told = new Map(chats.flatMap((state) => [[parseChatBytes(state.chat), state] as const]))
  const stopped: ChatRecord[] = []
  for (const record of chatRecords(core.db)) {
    if (record.state !== 'active') continue
    const state = told.get(record.chat)
    if (state === undefined || !(await hasAll(core, record, state))) stopped.push(record)
  }
  core.write((emit) => {
    for (const { chat, cursor } of stopped) {
      if (chatRecord(core.db, chat)?.state !== 'active') continue
      setChat(core.db, chat, { state: 'blocked', held: 'restored', held_by: null })
      // What was written there since, by somebody who had not come this far, is not for this device to open.
      const head = Number(told.get(chat)?.headSeq ?? 0n)
      if (head > cursor) noteMissing(core, chat, cursor + 1, head)
      emit({ event: 'chat', chat, change: 'held' })
    }
    settleOwed(core.db)
  })
}

/** Whether the relay has this chat's log as far as this device: the same entries, which their hash says (R6). */
async function hasAll(core: Core, record: ChatRecord, state: ChatState): Promise<boolean> {
  const { chat, cursor, logHash } = record
  if (!state.inRoster || Number(state.headSeq) < cursor) return false
  // It was told by this very device, before the backup.
  if (Number(state.cursor) >= cursor) return true
  if (Number(state.joinSeq) >= cursor) return Number(state.joinSeq) === cursor && sameBytes(state.joinLogHash, logHash)
  const row = core.db.get('select hash from log_hash where chat = ? and seq = ?', chat, cursor - 1)
  const before = row !== undefined ? blobOf(row, 'hash') : state.joinLogHash
  const page = await ask(core, 'fetch', { chat: bytesOf(chat), after: BigInt(cursor - 1), limit: 1 }, 'fetched').catch(
    (error: unknown) => {
      if (clientErrorOf(error).code === 'unknown-chat') return undefined
      throw error
    },
  )
  const entry = page?.entries.find(({ seq }) => Number(seq) === cursor)
  if (entry !== undefined) return sameBytes(nextLogHash(before, cursor, entry.message), logHash)
  return page?.holes.some((hole) => Number(hole.toSeq) === cursor && sameBytes(hole.logHash, logHash)) === true
}
