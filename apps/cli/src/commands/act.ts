import { wholeTo } from '../find/chat.ts'
import { findMessage } from '../find/message.ts'
import { fresher, sending } from '../fresh.ts'
import type { Job } from '../job.ts'

const ok = { ok: true }

export async function edit(job: Job, to: string, target: string, text: string): Promise<void> {
  const { client } = job
  await fresher(job, async () => {
    const chat = wholeTo(client, to)
    await client.edit(chat, await findMessage(client, chat, target), text, sending(job))
  })
  job.screen.tell(ok, () => 'Changed for everyone here. The earlier words stay visible as its history.')
}

export async function deleteMessage(job: Job, to: string, target: string): Promise<void> {
  const { client } = job
  await fresher(job, async () => {
    const chat = wholeTo(client, to)
    await client.deleteMessage(chat, await findMessage(client, chat, target), sending(job))
  })
  job.screen.tell(ok, () => 'Deleted for everyone here. A line says that something stood there.')
}

export async function react(job: Job, to: string, target: string, emoji: string, off: boolean): Promise<void> {
  const { client } = job
  await fresher(job, async () => {
    const chat = wholeTo(client, to)
    await client.react(chat, await findMessage(client, chat, target), emoji, off, sending(job))
  })
  job.screen.tell(ok, () => (off ? 'Your reaction is gone.' : 'They see your reaction.'))
}
