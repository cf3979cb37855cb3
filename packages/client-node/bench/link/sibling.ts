import { fileURLToPath } from 'node:url'
import { openProfile } from '../../src/index.ts'

export const siblingScript = fileURLToPath(import.meta.url)

/** A device of the account that was away takes in what the new one did; says what that cost it. */
if (process.send !== undefined && process.argv[2] !== undefined) {
  const client = await openProfile({ dir: process.argv[2] })
  await client.online()
  const before = process.cpuUsage()
  await client.sync()
  const { user, system } = process.cpuUsage(before)
  process.send(Math.round((user + system) / 1000))
  await client.close()
  process.disconnect()
}
