import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Crowd } from './crowd.ts'
import type { Target } from './figures.ts'
import type { Plan } from './load/plan.ts'
import { Server } from './server.ts'
import { comeIn, makeChat, makeWorld, type World, type WorldSize } from './world.ts'

/** Both servers with the same people, and a folder that is gone in the end. */
export class Stage implements AsyncDisposable {
  readonly world: World
  /** A chat of the first two people in which nobody has written yet: its place among the chats. */
  readonly spare: number
  readonly servers: Record<Target, Server>
  private readonly folder: string

  private constructor(folder: string, servers: Record<Target, Server>, world: World, spare: number) {
    this.folder = folder
    this.servers = servers
    this.world = world
    this.spare = spare
  }

  static async set(size: WorldSize): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), 'quintet-bench-'))
    const servers = {
      relay: await Server.relay(join(folder, 'relay')),
      floor: await Server.floor(join(folder, 'floor')),
    }
    const made = await makeWorld(servers.relay.url, size)
    const [first, second] = made.people
    if (first === undefined || second === undefined) throw new RangeError('at least two people')
    const by = await comeIn(servers.relay.url, first.account, first.account.first)
    const chats = [...made.chats, { id: await makeChat(by, [first, second]) }]
    by.line.close()
    return new Stage(folder, servers, { ...made, chats }, made.chats.length)
  }

  plan(target: Target): Plan {
    return { target, url: this.servers[target].url, devices: this.world.devices, chats: this.world.chats }
  }

  /** Everybody, connected. */
  async crowd(target: Target): Promise<Crowd> {
    const crowd = Crowd.start(this.plan(target), this.world.sign)
    await crowd.connect(0, this.world.devices.length)
    return crowd
  }

  /** The first device alone, connected, with nothing but the spare chat. */
  async writer(target: Target): Promise<Crowd> {
    const devices = this.world.devices.slice(0, 1).map((device) => ({ ...device, chats: [this.spare] }))
    const crowd = Crowd.start({ ...this.plan(target), devices }, this.world.sign, 1)
    await crowd.connect(0, 1)
    return crowd
  }

  /** Stops it and starts it on the same data. */
  async restart(target: Target): Promise<Server> {
    await this.servers[target].stop()
    const data = join(this.folder, target)
    this.servers[target] = target === 'relay' ? await Server.relay(data) : await Server.floor(data)
    return this.servers[target]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.servers.relay.stop()
    await this.servers.floor.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
