import { parseAccountId } from '@quintet/domain'
import type { Core } from '../core.ts'
import { stateOf } from '../device/directory.ts'
import { chatOf, numberOf, textOf } from '../store/row.ts'
import { setChat } from './record.ts'

/**
 * D15: chats with one person whose account has ended say so, and take nothing more.
 *
 * What that person wrote before is taken in first: until all was fetched, chats in which something waits stay open.
 */
export function endGoneChats(core: Core, options: { readonly allFetched: boolean } = { allFetched: false }): void {
  const all = core.db.all(
    "select c.chat, c.peer, c.state, c.cursor, c.relay_head from chat c join account a on a.account = c.peer where c.kind = 'direct' and c.state not in ('gone', 'creating') and a.closed = 1",
  )
  const open = all.filter(
    (row) =>
      options.allFetched ||
      (textOf(row, 'state') !== 'joining' && numberOf(row, 'cursor') >= numberOf(row, 'relay_head')),
  )
  if (open.length === 0) return
  core.write((emit) => {
    for (const row of open) {
      const peer = parseAccountId(textOf(row, 'peer'))
      const chat = chatOf(row, 'chat')
      if (peer === undefined || stateOf(core, peer)?.closed !== true) continue
      setChat(core.db, chat, { state: 'gone', held: null })
      core.db.run('delete from outbox where chat = ?', chat)
      emit({ event: 'chat', chat, change: 'left' })
    }
  })
}
