import { fresh } from '../fresh.ts'
import type { Job } from '../job.ts'
import { deviceJson } from '../json/device.ts'
import { deviceTable } from '../show/device.ts'

export async function devices(job: Job): Promise<void> {
  const { client, screen } = job
  await fresh(job)
  const list = await client.devices()
  if (!screen.json) return screen.tell({}, () => deviceTable(screen.paint, list, Date.now()))
  for (const device of list) screen.tell(deviceJson(device), () => '')
}
