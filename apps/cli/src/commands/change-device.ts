import { findDevice } from '../find/device.ts'
import { fresh, sending } from '../fresh.ts'
import type { Job } from '../job.ts'
import { oneLine } from '../show/safe.ts'
import { words } from './recover.ts'

const ok = { ok: true }

export async function rename(job: Job, device: string, name: string): Promise<void> {
  await job.client.renameDevice(await findDevice(job.client, device), name, sending(job))
  job.screen.tell(ok, () => `It is called ${oneLine(name)} now, on all of your devices.`)
}

export async function makeMain(job: Job, device: string): Promise<void> {
  await fresh(job)
  await job.client.makeMain(await findDevice(job.client, device))
  job.screen.tell(ok, () => 'It is your main device now. The others go on as they were.')
}

export async function rights(job: Job, device: string, which: 'manage' | 'none'): Promise<void> {
  await fresh(job)
  await job.client.setRights(await findDevice(job.client, device), which)
  job.screen.tell(ok, () =>
    which === 'manage' ? 'It may manage your devices now.' : 'It can do everything except manage your devices.',
  )
}

export async function unlink(job: Job, device: string, key: string | undefined): Promise<void> {
  await fresh(job)
  await job.client.unlink(await findDevice(job.client, device), key === undefined ? undefined : words(key))
  job.screen.tell(ok, () => 'It is no longer part of your account and receives nothing more. What it had stays on it.')
}
