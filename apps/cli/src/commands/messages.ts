import { wholeTo } from '../find/chat.ts'
import { fresh } from '../fresh.ts'
import type { Job } from '../job.ts'
import { messageJson } from '../json/message.ts'
import { thread } from '../show/message.ts'

export async function messages(job: Job, to: string, limit: number): Promise<void> {
  const { client, screen } = job
  await fresh(job)
  const chat = await client.find(wholeTo(client, to))
  const list = chat === undefined ? [] : client.messages(chat, limit)
  if (list.length === 0) return screen.tell({ ok: true }, () => 'No messages here yet.')
  if (!screen.json) return screen.tell({}, () => thread(screen.paint, list, Date.now()))
  for (const message of list) screen.tell(messageJson(message), () => '')
}
