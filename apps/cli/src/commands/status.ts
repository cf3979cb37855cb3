import type { Job } from '../job.ts'
import { pairs } from '../show/table.ts'
import { count } from '../show/words.ts'

/** Being offline is an answer here, not a failure, and not worth a long wait. */
const patienceMs = 2_000

export async function status({ client, screen, settings }: Job): Promise<void> {
  await client.online(Math.min(settings.waitMs, patienceMs)).catch(() => undefined)
  const now = client.status()
  const { paint } = screen
  screen.tell(
    {
      account: now.account,
      device: now.device,
      relay: now.relay,
      connected: now.connected,
      outbox: now.outbox,
      gaps: now.gaps,
      chatsPending: now.chatsPending,
    },
    () =>
      pairs(paint, [
        ['relay', `${now.relay}, ${now.connected ? paint.calm('connected') : paint.attention('not reachable')}`],
        ['waiting to go out', now.outbox === 0 ? 'nothing' : count(now.outbox, 'entry', 'entries')],
        ['missing here', now.gaps === 0 ? 'nothing' : count(now.gaps, 'place')],
        ['chats still to join', now.chatsPending === 0 ? 'none' : String(now.chatsPending)],
        ['account', now.account],
        ['device', now.device],
      ]),
  )
}
