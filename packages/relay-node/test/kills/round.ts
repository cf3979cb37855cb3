import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { bytesOf, type ChatId, sameBytes } from '@quintet/domain'
import { chatIdOf, expectAnswer, outcome, TestAccount, TestDevice, type TestKeys } from '@quintet/relay/testing'
import { type Chance, chance } from '../chance.ts'
import { socketTo } from '../host.ts'
import { RelayProcess } from '../relay-process.ts'
import type { Heard } from './heard.ts'
import { KeyPackages } from './key-packages.ts'
import { Listener } from './listener.ts'
import { LogChanges } from './log-changes.ts'
import { type Beat, Pulse } from './pulse.ts'
import { Room } from './room.ts'
import { SignUps } from './sign-ups.ts'
import { Talk } from './talk.ts'

const moments: readonly [Beat, ...Beat[]] = [
  'append',
  'appended',
  'commit',
  'commit',
  'committed',
  'sign-up',
  'log',
  'take',
  'put',
  'ack',
]

/**
 * Kills a relay that is at work, again and again, and starts it on the same folder and port. Everybody goes on with
 * what they were about; in the end nothing acknowledged is lost or doubled, and all have heard the same.
 *
 * The seed draws who does what and the moment to strike; how far the relay is then, the machine decides.
 */
export async function playKills(seed: number, kills: number): Promise<Readonly<Record<string, number>>> {
  const folder = mkdtempSync(join(tmpdir(), 'quintet-kills-'))
  const town = new Town(folder, chance(seed))
  try {
    return await town.play(kills)
  } finally {
    await town.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

const isClosed = (error: unknown): boolean => error instanceof Error && /^the line (is|was) closed$/.test(error.message)

class Town {
  private readonly pulse = new Pulse()
  private readonly signUps = new SignUps(this.pulse)
  private readonly logChanges = new LogChanges(this.pulse)
  private readonly keyPackages = new KeyPackages(this.pulse)
  private readonly folder: string
  private readonly chance: Chance
  private relay: RelayProcess | undefined
  private listeners: readonly Listener[] = []
  private rooms: readonly Room[] = []
  private talks: readonly Talk[] = []
  private guest: TestDevice | undefined
  private faults: unknown[] = []
  private fail: (error: unknown) => void = () => {}

  constructor(folder: string, luck: Chance) {
    this.folder = folder
    this.chance = luck
  }

  private get url(): string {
    return this.relay?.url ?? ''
  }

  async play(kills: number): Promise<Readonly<Record<string, number>>> {
    this.relay = await RelayProcess.start(this.folder)
    await this.settle()
    for (let kill = 0; kill < kills; kill++) {
      // What goes wrong at work may keep the moment to strike from ever coming.
      const failed = new Promise<never>((_, reject) => (this.fail = reject))
      const work = this.work()
      await Promise.race([this.strike(), failed])
      await work
      if (this.faults.length > 0) throw this.faults[0]
      this.relay = await RelayProcess.start(this.folder, { port: this.relay.port })
      await this.comeBack()
    }
    await this.compare()
    const { pulse } = this
    return {
      kills,
      acknowledged: pulse.count('appended'),
      commits: pulse.count('committed'),
      'sign-ups': this.signUps.taken,
      'key packages': this.keyPackages.taken,
      heard: this.listeners.flatMap(({ heard }) => [...heard.values()]).reduce((so, { seq }) => so + seq, 0),
    }
  }

  async end(): Promise<void> {
    await this.relay?.kill()
  }

  /** Three people with two devices each and a guest; three chats of two, and one of all. */
  private async settle(): Promise<void> {
    const people: TestDevice[][] = []
    for (const name of ['ann', 'ben', 'cleo', 'gus']) {
      const account = await TestAccount.create((length) => this.chance.bytes(length), Date.now())
      const first = await TestDevice.open(account, account.first, socketTo(this.url))
      expectAnswer(await first.signUp(name), 'signedUp')
      const keys = account.newKeys()
      const entry = await account.entry(
        { kind: 'add', identity: keys.identity, manageClaim: false },
        Date.now(),
        account.first,
        keys,
      )
      expectAnswer(await first.ask({ case: 'appendLog', value: { account: account.bytes, entry } }), 'logAppended')
      account.adopt(entry)
      people.push([first, await this.enter(account, keys)])
    }
    const [ann = [], ben = [], cleo = [], gus = []] = people
    this.guest = gus[0]
    this.listeners = [...ann, ...ben, ...cleo].map((device) => new Listener(device, this.pulse, this.chance))
    this.rooms = [
      [...ann, ...ben],
      [...ben, ...cleo],
      [...cleo, ...ann],
      [...ann, ...ben, ...cleo],
    ].map((all) => this.room(all))
    for (const room of this.rooms) {
      await room.make()
      for (const listener of this.listeners)
        if (room.people.includes(listener.device)) listener.enter(room.chat, room.firstHash)
    }
    this.talks = this.listeners.flatMap(({ device, heard }) =>
      [...heard.keys()].map((chat) => new Talk(chat, device, this.pulse)),
    )
    for (const listener of this.listeners) listener.listen()
    for (const listener of this.listeners) await listener.catchUp()
  }

  private room(people: readonly TestDevice[]): Room {
    const [first, ...others] = people
    if (first === undefined || this.guest === undefined) throw new RangeError('a room has people')
    return new Room(chatIdOf(this.chance.bytes(32)), [first, ...others], this.guest, this.pulse)
  }

  private async enter(account: TestAccount, keys: TestKeys): Promise<TestDevice> {
    const device = await TestDevice.open(account, keys, socketTo(this.url))
    expectAnswer(await device.signIn(), 'authenticated')
    return device
  }

  /** Everybody at once, until the line goes dead. */
  private async work(): Promise<void> {
    const forever = async (task: () => Promise<void>): Promise<void> => {
      try {
        for (;;) await task()
      } catch (error) {
        if (isClosed(error)) return
        this.faults.push(error)
        this.fail(error)
      }
    }
    const { pulse, chance: luck, listeners } = this
    const [ann, , ben, benToo] = listeners.map(({ device }) => device)
    if (!ann || !ben || !benToo) throw new RangeError('six devices')
    const jobs = [
      ...this.talks.map((talk) => async () => {
        for (let more = 1 + luck.int(4); more > 0; more--) talk.write('text')
        await talk.send()
      }),
      ...this.rooms.map((room, at) => async () => {
        await pulse.next(20 + luck.int(30), 'appended')
        await room.commit(at === 3 && luck.int(3) > 0 ? !room.guestIsIn : room.guestIsIn)
      }),
      async () => {
        await pulse.next(40, 'appended')
        const account = await TestAccount.create((length) => luck.bytes(length), Date.now())
        await this.signUps.add(await this.visitor(account))
      },
      async () => {
        await pulse.next(60, 'appended')
        await this.logChanges.change(this.guest ?? ann)
      },
      async () => {
        await pulse.next(8, 'appended')
        if (luck.int(6) === 0) await this.keyPackages.put(ben)
        await this.keyPackages.take(ben, benToo)
      },
    ]
    await Promise.all(jobs.map(forever))
  }

  private async visitor(account: TestAccount): Promise<TestDevice> {
    try {
      return await TestDevice.open(account, account.first, socketTo(this.url))
    } catch {
      throw new Error('the line is closed')
    }
  }

  /** At a moment that the seed draws: after so many messages, at one of the other things, or right after it. */
  private async strike(): Promise<void> {
    await this.pulse.next(30 + this.chance.int(400), 'appended')
    await this.pulse.next(1, this.chance.pick(moments))
    const late = this.chance.int(5)
    if (late > 0) await pause(late - 1)
    await this.relay?.kill()
    this.pulse.stop()
  }

  /** Everybody connects again, to a relay that must stand where it said it stood. */
  private async comeBack(): Promise<void> {
    const devices = this.listeners.map(({ device }) => device)
    for (const device of [...devices, ...(this.guest ? [this.guest] : [])])
      expectAnswer(await device.reconnect(), 'authenticated')
    for (const listener of this.listeners) listener.listen()
    for (const listener of this.listeners) await listener.catchUp()
    const [ann, , ben] = devices
    if (!ann || !ben || !this.guest) throw new RangeError('six devices')
    for (const room of this.rooms) await room.check()
    await this.signUps.check((device) => this.visitor(device.account), ann)
    await this.logChanges.check(this.guest, async ({ account }, keys) => {
      const device = await TestDevice.open(account, keys, socketTo(this.url))
      const answer = outcome(await device.signIn())
      device.line.close()
      return answer
    })
    await this.keyPackages.check(ben)
    for (const talk of this.talks) await talk.send()
    for (const talk of this.talks) await talk.askAgain()
  }

  /** What was acknowledged stands where it was said, once; all have heard the same; what the relay forgot it can name. */
  private async compare(): Promise<void> {
    for (const listener of this.listeners) {
      listener.listen()
      await listener.catchUp()
    }
    for (const { chat, hashes } of this.rooms) {
      const [first, ...others] = this.listeners.flatMap(({ heard }) => heard.get(chat) ?? [])
      if (first === undefined) throw new RangeError('somebody is in the room')
      for (const other of others) {
        const end = first.hashAt(first.seq)
        if (other.seq !== first.seq || !end || !sameBytes(other.hashAt(other.seq) ?? end.subarray(1), end)) {
          throw new Error(`${first.who} and ${other.who} heard different logs`)
        }
      }
      for (const [seq, hash] of hashes) {
        if (!sameBytes(first.hashAt(Number(seq)) ?? hash.subarray(1), hash))
          throw new Error(`commit ${seq} is not where it was acknowledged`)
      }
      this.compareTalks(chat, first)
      await this.compareHoles(chat, first)
    }
  }

  private compareTalks(chat: ChatId, { entries }: Heard): void {
    for (const talk of this.talks.filter((each) => each.chat === chat)) talk.compare(entries)
  }

  private async compareHoles(chat: ChatId, log: Heard): Promise<void> {
    const [reader] = this.listeners.filter(({ heard }) => heard.has(chat))
    if (reader === undefined) return
    const value = { chat: bytesOf(chat), after: 0n, limit: 500 }
    const page = expectAnswer(await reader.device.ask({ case: 'fetch', value }), 'fetched')
    for (const { toSeq, logHash } of page.holes) {
      const own = log.hashAt(Number(toSeq))
      if (own && !sameBytes(own, logHash)) throw new Error(`the hole up to ${toSeq} hides another log`)
    }
  }
}
