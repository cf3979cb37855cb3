import { findChat } from '../find/chat.ts'
import { fresh } from '../fresh.ts'
import type { Job } from '../job.ts'
import { oneLine } from '../show/safe.ts'
import { shortId } from '../show/short-id.ts'
import { list } from '../show/words.ts'

const ok = { ok: true }

export async function createGroup(job: Job, name: string, handles: readonly string[]): Promise<void> {
  await fresh(job)
  const { chat } = await job.client.createGroup(name, handles)
  job.screen.tell({ chat }, () =>
    [
      `${oneLine(name)} is there, with ${list([...handles, 'you'])}.`,
      `Write there: ${job.screen.paint.accent(`quintet send ${shortId(chat)} "Hello all"`)}`,
    ].join('\n'),
  )
}

export async function addToGroup(job: Job, chat: string, handles: readonly string[]): Promise<void> {
  await fresh(job)
  await job.client.addToGroup(findChat(job.client, chat), handles)
  job.screen.tell(
    ok,
    () => `${list(handles)} ${handles.length === 1 ? 'is' : 'are'} in. They read what is written from now on.`,
  )
}

export async function removeFromGroup(job: Job, chat: string, handle: string): Promise<void> {
  await fresh(job)
  await job.client.removeFromGroup(findChat(job.client, chat), handle)
  job.screen.tell(ok, () => `${handle} is no longer in the group and reads nothing that is written from now on.`)
}

export async function setAdmin(job: Job, chat: string, handle: string, admin: boolean): Promise<void> {
  await fresh(job)
  await job.client.setAdmin(findChat(job.client, chat), handle, admin)
  job.screen.tell(ok, () => (admin ? `${handle} is an admin of the group now.` : `${handle} is no longer an admin.`))
}

export async function leaveGroup(job: Job, chat: string): Promise<void> {
  await fresh(job)
  await job.client.leaveGroup(findChat(job.client, chat))
  job.screen.tell(ok, () => 'You left the group. What was written there so far stays with you.')
}

export async function renameGroup(job: Job, chat: string, name: string): Promise<void> {
  await fresh(job)
  await job.client.renameGroup(findChat(job.client, chat), name)
  job.screen.tell(ok, () => `The group is called ${oneLine(name)} now.`)
}
