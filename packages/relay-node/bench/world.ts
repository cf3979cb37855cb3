import { randomFillSync } from 'node:crypto'
import { bytesOf } from '@quintet/domain'
import {
  chatIdOf,
  expectAnswer,
  fakeCommit,
  fakeGroupInfo,
  fakeKeyPackage,
  fakeWelcome,
  policyFor,
  TestAccount,
  TestDevice,
  type TestKeys,
  type TestWire,
} from '@quintet/relay/testing'
import { WebSocket } from 'ws'
import type { PlanChat, PlanDevice } from './load/plan.ts'

const random = (length: number): Uint8Array => randomFillSync(new Uint8Array(length))

const farAway = 4_000_000_000n

/** Someone with all devices, and who signs for each. */
export interface Person {
  readonly account: TestAccount
  readonly keys: readonly TestKeys[]
}

export interface World {
  readonly people: readonly Person[]
  readonly devices: readonly PlanDevice[]
  readonly chats: readonly PlanChat[]
  sign(device: number, incarnation: Uint8Array, challenge: Uint8Array): Promise<Uint8Array>
}

export interface WorldSize {
  readonly accounts: number
  readonly devicesEach: number
  /** Each person begins a chat with that many of those who come after them in a ring, and with them again beyond that. */
  readonly chatsEach: number
}

const socketTo = (url: string) => (onFrame: (bytes: Uint8Array) => void, onClose: () => void) =>
  new Promise<TestWire>((resolve, reject) => {
    const ws = new WebSocket(`${url.replace('http', 'ws')}/v1/socket`, { perMessageDeflate: false })
    ws.on('open', () => resolve({ send: (bytes) => ws.send(bytes), close: () => ws.close() }))
    ws.on('message', (data: Buffer) => onFrame(data))
    ws.on('close', onClose)
    ws.on('error', reject)
  })

/** A connection with everything that a test's device can do. */
export async function comeIn(url: string, account: TestAccount, keys: TestKeys): Promise<TestDevice> {
  const device = await TestDevice.open(account, keys, socketTo(url))
  expectAnswer(await device.signIn(), 'authenticated')
  return device
}

let handles = 0

async function makePerson(
  url: string,
  devicesEach: number,
): Promise<TestDevice & { readonly all: readonly TestKeys[] }> {
  const account = await TestAccount.create(random, Date.now())
  const device = await TestDevice.open(account, account.first, socketTo(url))
  expectAnswer(await device.signUp(`bench-${++handles}`), 'signedUp')
  const all = [account.first]
  while (all.length < devicesEach) {
    const keys = account.newKeys()
    const operation = { kind: 'add', identity: keys.identity, manageClaim: false } as const
    const entry = await account.entry(operation, Date.now(), account.first, keys)
    const value = { account: account.bytes, entry }
    expectAnswer(await device.ask({ case: 'appendLog', value }), 'logAppended')
    account.adopt(entry)
    all.push(keys)
  }
  return Object.assign(device, { all })
}

/** A group of two people with all their devices, made by the first device of the first. */
export async function makeChat(by: TestDevice, people: readonly [Person, Person]): Promise<Uint8Array> {
  const id = random(32)
  const chat = chatIdOf(id)
  const accounts = people.map(({ account }) => account)
  const policy = policyFor('group', by.account, accounts)
  const all = people.flatMap(({ account, keys }) => keys.map((each) => account.leaf(each)))
  const adds = all.slice(1).map((leaf) => ({ leaf, keyPackage: fakeKeyPackage(leaf, 1, farAway) }))
  const commit = {
    commit: fakeCommit({ chat, epoch: 0n, sender: 0, committer: by.leaf, adds }),
    groupInfo: fakeGroupInfo(chat, 1, 1n, policy),
    welcome: fakeWelcome(1),
  }
  expectAnswer(await by.ask({ case: 'createChat', value: { chat: id, policy, commit } }), 'committed')
  return id
}

/** Lets people sign up, link their devices and make chats at a relay, and leaves nobody connected. */
export async function makeWorld(url: string, size: WorldSize): Promise<World> {
  const firsts: (TestDevice & { readonly all: readonly TestKeys[] })[] = []
  const numbers = Array.from({ length: size.accounts }, (_, at) => at)
  const queue = numbers.values()
  const next = async (): Promise<void> => {
    for (const at of queue) firsts[at] = await makePerson(url, size.devicesEach)
  }
  await Promise.all([next(), next(), next(), next()])
  const people = firsts.map(({ account, all }): Person => ({ account, keys: all }))
  const chats: PlanChat[] = []
  const chatsOf = people.map((): number[] => [])
  for (const [at, first] of firsts.entries()) {
    for (let step = 1; step <= size.chatsEach; step++) {
      const other = (at + 1 + ((step - 1) % (people.length - 1))) % people.length
      const pair = [people[at], people[other]]
      if (pair[0] === undefined || pair[1] === undefined) throw new RangeError('two people')
      chatsOf[at]?.push(chats.length)
      chatsOf[other]?.push(chats.length)
      chats.push({ id: await makeChat(first, [pair[0], pair[1]]) })
    }
  }
  for (const { line } of firsts) line.close()
  const signers = people.flatMap(({ account, keys }) => keys.map((each) => ({ account, keys: each })))
  return {
    people,
    devices: signers.map(({ account, keys }) => ({
      account: account.bytes,
      device: bytesOf(keys.device),
      chats: chatsOf[people.findIndex((each) => each.account === account)] ?? [],
    })),
    chats,
    sign(device, incarnation, challenge) {
      const signer = signers[device]
      if (signer === undefined) throw new RangeError('a device of this world')
      return signer.account.signature(signer.keys, incarnation, challenge)
    },
  }
}
