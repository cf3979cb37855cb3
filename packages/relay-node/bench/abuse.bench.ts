import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Bench, Figure } from '../../../scripts/bench/bench.ts'
import { attacks } from './abuse/attacks.ts'
import { addTallies, Crowd, latenessMs } from './crowd.ts'
import { figure } from './figures.ts'
import { onCore, Server } from './server.ts'
import { size } from './size.ts'
import { makeWorld } from './world.ts'

const names = Object.keys(attacks)
const main = fileURLToPath(new URL('abuse/main.ts', import.meta.url))
/** Devices that a message reaches besides the one that sent it. */
const others = 5

/**
 * The attackers are a process on the load's core, so that what they take from the relay is what they ask of it; there they
 * give way to the load, as attackers with machines of their own do.
 */
async function begin(name: string, url: string, at: number): Promise<ChildProcess> {
  const attack = ['nice', '-n', '19', process.execPath, main, name, url, `127.0.1.${at + 1}`]
  const [program, argv] = onCore(1, attack)
  const child = spawn(program, argv, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [said]: unknown[] = await Promise.race([once(child, 'message'), once(child, 'exit')])
  if (said !== 'ready') throw new Error(`the attack ${name} did not begin`)
  return child
}

interface Stretch {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly cpu: number
  readonly mib: number
}

/** 100 messages a second of people who do nothing wrong; all of them arrive, or it fails. */
async function stretch(crowd: Crowd, server: Server): Promise<Stretch> {
  crowd.go({ kind: 'rate', perSecond: 100 }, true)
  await pause(size.warmMs / 2)
  const warm = await crowd.mark()
  const before = server.spent()
  await pause(size.measureMs)
  const tally = await crowd.mark()
  const after = server.spent()
  const mib = Math.round(server.residentBytes() / 2 ** 20)
  crowd.halt()
  await crowd.quiet(addTallies(warm, tally), others)
  const cpu = Math.round((100 * (after.cpuMs - before.cpuMs)) / (after.atMs - before.atMs))
  return { p50Ms: latenessMs(tally, 0.5), p99Ms: latenessMs(tally, 0.99), cpu, mib }
}

/** How late messages of others are while somebody abuses a relay with the limits that everybody has. */
export const bench: Bench = {
  figures: ['relay.p99_ms.calm', ...names.map((name) => `relay.p99_ms.abuse.${name}`)],
  async *measure(wanted) {
    const folder = mkdtempSync(join(tmpdir(), 'quintet-abuse-'))
    const data = join(folder, 'relay')
    // There already: so it starts with the policy that owners have who set none.
    mkdirSync(data)
    const server = await Server.relay(data)
    try {
      const world = await makeWorld(server.url, { accounts: 25, devicesEach: 3, chatsEach: 2 })
      const plan = { target: 'relay', url: server.url, devices: world.devices, chats: world.chats } as const
      await using crowd = Crowd.start(plan, world.sign, 1)
      await crowd.connect(0, world.devices.length)
      const calm = await stretch(crowd, server)
      yield told('relay.p99_ms.calm', calm, calm)
      for (const [at, name] of names.entries()) {
        if (!wanted.has(`relay.p99_ms.abuse.${name}`)) continue
        const attacker = await begin(name, server.url, at)
        try {
          yield told(`relay.p99_ms.abuse.${name}`, await stretch(crowd, server), calm)
        } finally {
          const ended = once(attacker, 'exit')
          attacker.kill('SIGKILL')
          await ended
        }
        await pause(size.warmMs)
      }
    } finally {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

function told(name: string, { p50Ms, p99Ms, cpu, mib }: Stretch, calm: Stretch): Figure {
  const times = Math.round((10 * p99Ms) / calm.p99Ms) / 10
  return figure(name, [p99Ms], 'ms', { p50: Math.round(p50Ms * 100) / 100, 'x calm': times, 'cpu%': cpu, MiB: mib })
}
