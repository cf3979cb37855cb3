import type { ClientEvent } from './api.ts'
import { enterSuccessor } from './chat/enter-successor.ts'
import { confirmMs, flush } from './chat/flush.ts'
import { inChat } from './chat/in-chat.ts'
import { heardOnce } from './chat/standing.ts'
import type { Core } from './core.ts'
import { isOwed } from './device/incarnation.ts'
import { clientErrorOf } from './relay/failure.ts'
import { chatOf } from './store/row.ts'

/** Clocks that ring a little early must not find a chat held still, ms. */
const slackMs = 100

/**
 * Sends what waits in chats that nothing holds any more: something was heard that freed them, a sibling asked for an
 * answer in the self chat, or the time for that has passed (C8).
 */
export async function sendFreed(core: Core): Promise<void> {
  const rows = core.db.all(
    `select distinct o.chat from outbox o join chat c on c.chat = o.chat
     where (o.n is null or o.message is null) and c.state = 'active' and (c.held is null or c.held = 'nobody-there'
       or (c.held in ('unconfirmed', 'newcomers', 'contested') and c.held_at <= ?)
       or (c.held = 'log-withheld' and not exists (select 1 from member m join account a on a.account = m.account
           where m.chat = c.chat and max(a.seen_position, a.told_position) > a.position)))`,
    Math.trunc(core.relayNow()) - confirmMs,
  )
  if (rows.length === 0 || core.relay.state !== 'online') return
  // Nothing leaves before it is known who is to be taken out first (C7, D10).
  await heardOnce(core)
  // A relay that was restored is given back first what it lost (R9): the sync does that, and sends then.
  if (isOwed(core.db)) return
  for (const chat of rows.map((row) => chatOf(row, 'chat'))) {
    try {
      const now = await enterSuccessor(core, chat)
      await inChat(core, now, () => flush(core, now))
    } catch (error) {
      if (clientErrorOf(error).code === 'offline') return
    }
  }
}

/** Sends by itself what a chat held until nobody had anything to say against it (C8); `arm` after a chat was entered. */
export function freeInTime(core: Core): { heed(event: ClientEvent): void; arm(): void; stop(): void } {
  let cancel = () => {}
  const arm = () => {
    cancel()
    cancel = core.clock.after(
      confirmMs + slackMs,
      () => void sendFreed(core).catch((error) => void clientErrorOf(error)),
    )
  }
  return {
    heed(event) {
      if (event.event === 'chat' && (event.change === 'new' || event.change === 'held')) arm()
    },
    arm,
    stop: () => cancel(),
  }
}
