import assert from 'node:assert/strict'
import {
  createWorld,
  type Device,
  type Person,
  type SavedWorld,
  type Seeded,
  seeded,
  type World,
} from '@quintet/testkit'
import { type ChatId, parseChatBytes } from '@quintet/domain'
import { attempt } from './attempt.ts'
import { Hoard, type Heard } from './hoard.ts'
import { Ledger } from './ledger.ts'
import { knowOldDevice } from './old-device.ts'

export type Suite = 'base' | 'hybrid'

/** What the history counts. */
export type Counts = Record<string, number>

const often = { burst: 1e6, perMinute: 1e6 }
const policy = {
  logEntriesPerDay: 500,
  keyPackagesPerDay: 1e6,
  keyPackagesPerDayForStrangers: 1e6,
  commits: often,
  lookups: often,
  offersPerAddress: 1e6,
  signUpsPerAddress: often,
  codeTries: often,
}
const title = 'Walk'
const saved = new Map<Suite, SavedWorld>()
/** Few, so that last-resort ones are used as well (K4). */
const keyPackageStock = 2
const mostHoards = 5

/** Five people, one group of three of them, and what everybody can count on. */
export class Stage {
  readonly world: World
  readonly ledger = new Ledger()
  readonly counts: Counts = {}
  /** Whose accounts are in the group, as far as those who changed it were told. */
  readonly inside = new Set<string>(['alice', 'bob', 'carol'])
  readonly unlinked = new Set<Device>()
  /** Devices without a network, and for how many steps still. */
  readonly away = new Map<Device, number>()
  /** Devices whose keys or database were tampered with: they may miss entries, and say so. */
  readonly hurt = new Set<Device>()
  /** Devices that were put out of the group at some time. */
  readonly out = new Set<Device>()
  readonly hoards: Hoard[] = []
  readonly heard: Heard[] = []
  private made = 0
  private readonly chance: Seeded

  private constructor(world: World, seed: number) {
    this.world = world
    this.chance = seeded(seed)
    world.relay.tamper(({ direction, frame: { kind } }) => {
      const call = direction === 'to-relay' && kind.case === 'request' ? kind.value.call : undefined
      if (call?.case === 'append') this.hear(call.value.chat, 'message', call.value.message)
      if (call?.case === 'commit') this.hear(call.value.chat, 'commit', call.value.upload?.commit)
      if (kind.case === 'response' && kind.value.result.case === 'keyPackages')
        for (const one of kind.value.result.value.keyPackages) if (one.lastResort) this.count('lastResort')
      return undefined
    })
  }

  static async open(seed: number, suite: Suite): Promise<Stage> {
    const from = saved.get(suite) ?? (await firstWorld(suite))
    saved.set(suite, from)
    return new Stage(await createWorld({ seed, policy, keyPackageStock, from }), seed)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.world[Symbol.asyncDispose]()
  }

  count(what: string, by = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + by
  }

  // ---- who is there

  get people(): readonly Person[] {
    return ['alice', 'bob', 'carol', 'dave', 'erin'].map((handle) => this.world.person(handle))
  }

  devicesOf(person: Person): readonly Device[] {
    return person.devices.filter((device) => !this.unlinked.has(device) && device.isRunning && device.client.self())
  }

  get devices(): readonly Device[] {
    return this.people.flatMap((person) => this.devicesOf(person))
  }

  isHere(device: Device): boolean {
    return device.isRunning && this.world.network.isReachable(device.name)
  }

  /** Devices of the group's people that have a network. */
  get members(): readonly Device[] {
    return this.devices.filter((device) => this.isHere(device) && this.inside.has(handleOf(device)))
  }

  get admins(): readonly Device[] {
    return this.members.filter((device) => device.database.get(adminQuery, this.groupOn(device)) !== undefined)
  }

  personOf(device: Device): Person {
    return this.world.person(handleOf(device))
  }

  pick<T>(from: readonly T[], chance: Seeded = this.chance): T | undefined {
    return from[chance.int(Math.max(1, from.length))]
  }

  newName(): string {
    return `tablet${++this.made}`
  }

  groupOn(device: Device): ChatId {
    return device.chat(title)
  }

  /** The group as it goes on now. */
  get group(): ChatId {
    const device = this.members[0]
    assert.ok(device, 'somebody is always there')
    return this.groupOn(device)
  }

  // ---- what they do

  /** Somebody writes; whoever is in and has a network is heard. */
  async say(by: Device, to?: string): Promise<void> {
    const text = this.ledger.newText(by)
    const { value, code } = await attempt(by.say(to ?? this.groupOn(by), text))
    if (value !== undefined) this.ledger.acknowledged(text, value.chat, value.seq)
    this.count(value ? 'said' : `say: ${code}`)
  }

  /** Writes while nobody can hear it. */
  async jot(by: Device): Promise<void> {
    const text = this.ledger.newText(by)
    await attempt(by.jot(this.groupOn(by), text))
    this.count('jotted')
  }

  /** Keeps a copy of every key that these devices have. */
  hoard(devices: readonly Device[], chats: readonly ChatId[] = [this.group]): readonly Hoard[] {
    const made = devices.flatMap((device) => chats.map((chat) => new Hoard(device, chat)))
    this.hoards.push(...made)
    this.hoards.splice(0, this.hoards.length - mostHoards)
    return made
  }

  /** They were not put out after all. */
  forget(kept: readonly Hoard[]): void {
    for (const one of kept) this.hoards.splice(this.hoards.indexOf(one), 1)
  }

  /** Everything comes to rest, also what waits half a minute for somebody to object (C8). */
  async rest(): Promise<void> {
    await this.world.settle()
    const waits = this.devices.some((device) => this.isHere(device) && device.client.status().outbox > 0)
    if (!waits) return
    await this.world.forward(31_000)
    await this.world.settle()
  }

  private hear(chat: Uint8Array, kind: Heard['kind'], bytes: Uint8Array | undefined): void {
    const id = parseChatBytes(chat)
    if (id !== undefined && bytes !== undefined) this.heard.push({ chat: id, kind, bytes, atMs: this.world.now() })
  }
}

const adminQuery = `select 1 as one from chat c join member m on m.chat = c.chat join meta on meta.key = 'account'
  where c.chat = ? and c.state = 'active' and m.account = meta.value and m.role = 'admin'`

export function handleOf(device: Device): string {
  return device.name.split('.')[0] ?? ''
}

async function firstWorld(suite: Suite): Promise<SavedWorld> {
  await using world = await createWorld({ seed: 4711, policy, keyPackageStock: 8 })
  const alice = await world.account('alice', 'phone', 'laptop')
  for (const handle of ['bob', 'carol', 'dave', 'erin']) await world.account(handle, 'phone')
  await alice.phone.say('bob', 'hello')
  await world.settle()
  if (suite === 'base') knowOldDevice(alice.phone)
  await alice.phone.client.createGroup(title, ['bob', 'carol'])
  await world.settle()
  return await world.save()
}
