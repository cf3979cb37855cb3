import type { Sent } from '@quintet/client-node'
import { nameOfTo, wholeTo } from '../find/chat.ts'
import { findMessage } from '../find/message.ts'
import { fresher, sending } from '../fresh.ts'
import type { Job } from '../job.ts'
import { shortId } from '../show/short-id.ts'

export async function send(job: Job, to: string, text: string): Promise<void> {
  tellSent(job, to, await fresher(job, () => job.client.send(wholeTo(job.client, to), text, sending(job))))
}

export async function reply(job: Job, to: string, target: string, text: string): Promise<void> {
  const { client } = job
  const sent = await fresher(job, async () => {
    const chat = wholeTo(client, to)
    return await client.reply(chat, await findMessage(client, chat, target), text, sending(job))
  })
  tellSent(job, to, sent)
}

function tellSent({ client, screen }: Job, to: string, sent: Sent): void {
  screen.tell({ chat: sent.chat, id: sent.id, seq: sent.seq }, () => {
    const where = to === 'self' ? 'Noted, on all of your devices.' : `Sent to ${nameOfTo(client, to)}.`
    return `${where}  ${screen.paint.quiet(shortId(sent.id))}`
  })
}
