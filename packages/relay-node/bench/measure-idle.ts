import { setTimeout as pause } from 'node:timers/promises'
import type { Figure } from '../../../scripts/bench/bench.ts'
import { Crowd } from './crowd.ts'
import { figure, targets } from './figures.ts'
import { size } from './size.ts'
import { Stage } from './stage.ts'

const devicesEach = 5
/** What a connection's beginning left behind is swept up by then, as far as it ever is. */
const settleMs = 5000

/** How much memory a server takes for devices that are connected and say nothing. */
export async function* measureIdle(): AsyncIterable<Figure> {
  const most = Math.max(...size.idle)
  await using stage = await Stage.set({ accounts: most / devicesEach, devicesEach, chatsEach: 0 })
  for (const target of targets) {
    const server = await stage.restart(target)
    await pause(settleMs)
    const before = server.residentBytes()
    await using crowd = Crowd.start(stage.plan(target), stage.world.sign)
    let connected = 0
    for (const count of size.idle) {
      await crowd.connect(connected, count)
      connected = count
      await pause(settleMs)
      const each = (server.residentBytes() - before) / count
      yield figure(`${target}.idle_bytes_per_connection.${count}`, [each], 'B', {
        'before MiB': Math.round(before / 2 ** 20),
      })
    }
  }
}
