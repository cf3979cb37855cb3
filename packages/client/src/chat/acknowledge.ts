import { bytesOf } from '@quintet/domain'
import type { Core } from '../core.ts'
import { clientErrorOf } from '../relay/failure.ts'
import { ConnectionLost, RelayFailure } from '../relay/link.ts'
import { chatOf, numberOf } from '../store/row.ts'

const under = new WeakMap<Core, Promise<void>>()

/** Tells the relay how far this device has come: what is in the database, never more. One request at a time. */
export function acknowledge(core: Core): Promise<void> {
  const running = under.get(core)
  if (running !== undefined) return running
  const work = tell(core)
    // What is not told now is told with the next.
    .catch((error: unknown) => void clientErrorOf(error))
    .finally(() => under.delete(core))
  under.set(core, work)
  return work
}

async function tell(core: Core): Promise<void> {
  for (;;) {
    await Promise.resolve()
    const rows = core.db.all("select chat, cursor from chat where cursor > acked and state = 'active' limit 500")
    if (rows.length === 0 || core.relay.state !== 'online') return
    const cursors = rows.map((row) => ({ chat: chatOf(row, 'chat'), seq: numberOf(row, 'cursor') }))
    try {
      const wire = cursors.map(({ chat, seq }) => ({ chat: bytesOf(chat), seq: BigInt(seq) }))
      await core.relay.call('ack', { cursors: wire }, 'done')
    } catch (error) {
      if (error instanceof ConnectionLost || error instanceof RelayFailure) return
      throw error
    }
    core.write(() => {
      for (const { chat, seq } of cursors) core.db.run('update chat set acked = ? where chat = ?', seq, chat)
    })
  }
}
