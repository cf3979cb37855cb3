import { fresh } from '../fresh.ts'
import type { Job } from '../job.ts'
import { chatJson } from '../json/chat.ts'
import { chatTable } from '../show/chat.ts'

export async function chats(job: Job): Promise<void> {
  const { client, screen } = job
  await fresh(job)
  const list = client.chats()
  if (list.length === 0)
    return screen.tell({ ok: true }, () => 'No chats yet. Write to somebody: quintet send HANDLE "Hello"')
  if (!screen.json) return screen.tell({}, () => chatTable(screen.paint, screen.columns, list, Date.now()))
  for (const chat of list) screen.tell(chatJson(chat), () => '')
}
