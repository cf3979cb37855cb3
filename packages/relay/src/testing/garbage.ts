import { bytesOf, type ChatId } from '@quintet/domain'
import { signLeaveIntent } from '@quintet/identity'
import { create, FrameSchema, fromBinary, type MessageInitShape, type RequestSchema, toBinary } from '@quintet/wire'
import { assert } from '../assert.ts'
import type { OwnerPolicy } from '../policy.ts'
import { fakeMessage } from './fake-mls.ts'
import { adding, chatIdOf, policyFor, type TestDevice } from './test-device.ts'
import type { TestWorld } from './test-world.ts'

type Call = NonNullable<MessageInitShape<typeof RequestSchema>['call']>

const often = { burst: 1_000_000, perMinute: 1_000_000 }

/** No limit gets in the way of what is to be refused for what it is. */
export const unlimited: Partial<OwnerPolicy> = {
  requests: often,
  appends: often,
  commits: often,
  lookups: often,
  signals: often,
  codeTries: often,
  signUpsPerAddress: often,
  publicRequestsPerAddress: often,
  keyPackagesPerDay: 1_000_000,
  keyPackagesPerDayForStrangers: 1_000_000,
  logEntriesPerDay: 1_000_000,
  offersPerAddress: 1_000_000,
}

/** A relay with people who talk, and one among them who sends what nobody should. */
export interface GarbageStage {
  /** A good frame of every kind of request, of the one who sends garbage. */
  readonly frames: readonly Uint8Array[]
  /** Sends bytes on a connection that is signed in, or on one that is not; done when the relay is done with them. */
  send(bytes: Uint8Array, signedIn: boolean): Promise<void>
  /** The others go on: what is said arrives, in order, once, and can be fetched. */
  talk(): Promise<void>
}

/** The frame of one request. */
function frameOf(call: Call): Uint8Array {
  return toBinary(FrameSchema, create(FrameSchema, { kind: { case: 'request', value: { id: 1_000_000, call } } }))
}

export async function garbageStage(world: TestWorld): Promise<GarbageStage> {
  const [alice, bob, mallory] = [await world.person('alice'), await world.person('bob'), await world.person('mallory')]
  const [first, second, third] = [chatIdOf(world.random(32)), chatIdOf(world.random(32)), chatIdOf(world.random(32))]
  const members = [alice.account, bob.account, mallory.account]
  for (const chat of [first, second, third])
    await alice.createChat(chat, policyFor('group', alice.account, members), [bob, mallory])
  await mallory.say(second, 1n, 1n, 'hello')
  const frames = (await callsOf(world, mallory, { chat: second, left: third }, alice)).map(frameOf)
  let stranger = await world.device(await world.account())
  let said = 0n
  return {
    frames,
    async send(bytes, signedIn) {
      if (signedIn && mallory.line.closed) await mallory.reconnect()
      if (!signedIn && stranger.line.closed) stranger = await world.device(await world.account())
      const { line } = signedIn ? mallory : stranger
      line.sendRaw(bytes)
      // Answered in any order, but never before it was read.
      await line.ask({ case: 'ping', value: {} }).catch(() => undefined)
      line.pushes.length = 0
      line.unknownAnswers.length = 0
    },
    async talk() {
      said++
      const answer = await alice.say(first, 1n, said, `text ${said}`)
      assert(answer.case === 'appended', 'what is said is taken')
      for (;;) {
        const { entry } = await bob.line.hears('entry')
        if (entry?.seq === answer.value.seq && entry.n === said) break
      }
      const fetched = await bob.line.ask({
        case: 'fetch',
        value: { chat: bytesOf(first), after: answer.value.seq - 1n, limit: 10 },
      })
      assert(fetched.case === 'fetched' && fetched.value.entries.length === 1, 'what is said can be fetched')
    },
  }
}

/** One good request of each kind, by a member of the chat. */
async function callsOf(
  world: TestWorld,
  by: TestDevice,
  { chat, left }: { readonly chat: ChatId; readonly left: ChatId },
  other: TestDevice,
): Promise<readonly Call[]> {
  const { account, keys } = by
  const id = bytesOf(chat)
  const added = account.newKeys()
  const entry = await account.entry(
    { kind: 'add', identity: added.identity, manageClaim: false },
    world.clock.now(),
    keys,
    added,
  )
  const statement = await account.statement(keys, 2n)
  const nonce = world.random(16)
  const intent = await signLeaveIntent({ chat: left, account: account.id, device: keys.device, nonce }, keys.log)
  const device = bytesOf(keys.device)
  const [offer, commitment] = [world.random(16), world.random(32)]
  const commits = await recorded(by, chat, other)
  return [
    { case: 'authenticate', value: { protocol: 1, account: account.bytes, device, signature: world.random(64) } },
    {
      case: 'signUp',
      value: { protocol: 1, handle: 'mallory', genesis: account.genesis, statement, invite: 'a', signature: nonce },
    },
    { case: 'lookup', value: { handle: 'alice' } },
    {
      case: 'logs',
      value: { accounts: [{ account: account.bytes, fromPosition: 0n }, { account: other.account.bytes }] },
    },
    { case: 'appendLog', value: { account: account.bytes, entry, statement } },
    { case: 'offerOpen', value: { offer, commit: commitment } },
    { case: 'offerSend', value: { offer, index: 0, message: nonce } },
    { case: 'offerClaim', value: { offer, code: 'AB12CD34' } },
    { case: 'sync', value: {} },
    { case: 'fetch', value: { chat: id, after: 0n, limit: 10 } },
    { case: 'append', value: { chat: id, epoch: 1n, n: 2n, message: fakeMessage(chat, 1n, 'again'), content: true } },
    ...commits,
    {
      case: 'ack',
      value: {
        cursors: [
          { chat: id, seq: 1n },
          { chat: id, seq: 2n },
        ],
      },
    },
    { case: 'getGroupInfo', value: { chat: id } },
    { case: 'getWelcome', value: { chat: id } },
    { case: 'leave', value: { chat: bytesOf(left), intent } },
    { case: 'setDelivered', value: { chat: id, on: true } },
    { case: 'signal', value: { chat: id, epoch: 1n, sealed: nonce } },
    { case: 'putKeyPackages', value: { suite: 1, keyPackages: [by.keyPackage(1)], lastResort: by.keyPackage(2) } },
    { case: 'takeKeyPackages', value: { account: other.account.bytes, suite: 1, onlyDevices: [device] } },
    { case: 'keyPackageStock', value: {} },
    { case: 'putStatement', value: { statement } },
    { case: 'setHandle', value: { handle: 'mallory2' } },
    { case: 'handlesOf', value: { accounts: [other.account.bytes, account.bytes] } },
    { case: 'putKitBlob', value: { blob: nonce } },
    { case: 'getKitBlob', value: {} },
    { case: 'ping', value: {} },
    { case: 'lastSeen', value: {} },
  ]
}

/** A commit and the making of a chat, as the device would send them; neither is sent. */
async function recorded(by: TestDevice, chat: ChatId, other: TestDevice): Promise<readonly Call[]> {
  const calls: Call[] = []
  const { line } = by
  const send = line.sendRaw.bind(line)
  line.sendRaw = (bytes) => {
    const { kind } = fromBinary(FrameSchema, bytes)
    if (kind.case !== 'request' || kind.value.call.case === undefined) return
    calls.push(kind.value.call)
  }
  const members = [by.account, other.account]
  const policy = policyFor('group', by.account, members)
  void by.createChat(chatIdOf(new Uint8Array(32).fill(9)), policy, [other]).catch(() => undefined)
  const commit = { chat, epoch: 1n, sender: 2, adds: adding([by]), removes: [], policy }
  void by.commit(commit, policy).catch(() => undefined)
  line.sendRaw = send
  return calls
}
