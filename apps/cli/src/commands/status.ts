import type { Job } from '../job.ts'
import { pairs } from '../show/table.ts'
import { count } from '../show/words.ts'

/** Being offline is an answer here, not a failure, and not worth a long wait. */
const patienceMs = 2_000

export async function status({ client, screen, settings }: Job): Promise<void> {
  await client.online(Math.min(settings.waitMs, patienceMs)).catch(() => undefined)
  const now = client.status()
  const notices = client.notices()
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
      ...(notices.length > 0 && {
        notices: notices.map(({ at, chat, sentence }) => ({ at, chat: chat ?? null, sentence })),
      }),
    },
    () =>
      pairs(paint, [
        ['relay', `${now.relay}, ${now.connected ? paint.calm('connected') : paint.attention('not reachable')}`],
        ['waiting to go out', now.outbox === 0 ? 'nothing' : count(now.outbox, 'entry', 'entries')],
        ['missing here', now.gaps === 0 ? 'nothing' : count(now.gaps, 'place')],
        ['chats still to join', now.chatsPending === 0 ? 'none' : String(now.chatsPending)],
        ['account', now.account],
        ['device', now.device],
        ...notices.map(({ sentence }): [string, string] => ['notice', paint.attention(sentence)]),
      ]),
  )
}
