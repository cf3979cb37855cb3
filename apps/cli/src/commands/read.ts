import { nameOfTo, wholeTo } from '../find/chat.ts'
import { fresh, fresher, sending } from '../fresh.ts'
import { personOf } from '../find/person.ts'
import type { Job } from '../job.ts'
import { oneLine } from '../show/safe.ts'

const ok = { ok: true }

/** All of the chat, so all of it is fetched first. */
export async function read(job: Job, to: string): Promise<void> {
  await fresh(job)
  await job.client.markRead(wholeTo(job.client, to), sending(job))
  job.screen.tell(ok, () => 'Read, on all of your devices.')
}

export async function accept(job: Job, to: string): Promise<void> {
  await fresh(job)
  await job.client.accept(wholeTo(job.client, to), sending(job))
  job.screen.tell(ok, () => `You and ${nameOfTo(job.client, to)} can write to each other now.`)
}

export async function block(job: Job, to: string, off: boolean): Promise<void> {
  await fresh(job)
  const person = personOf(job.client, to)
  await job.client.block(person, off, sending(job))
  job.screen.tell(ok, () =>
    off ? `${oneLine(person)} can reach you again.` : `You see nothing more from ${oneLine(person)}. Nobody is told.`,
  )
}

export async function typing(job: Job, to: string): Promise<void> {
  await job.client.online(job.settings.waitMs)
  await fresher(job, () => job.client.typing(wholeTo(job.client, to)))
  job.screen.tell(ok, () => (to === 'self' ? 'Nobody else is there to see it.' : 'They see that you are writing.'))
}
