import { bytesOf, type ChatId, compareBytes, parseChatBytes } from '@quintet/domain'
import { signLeaveIntent } from '@quintet/identity'
import {
  ChatKind,
  ChatPolicySchema,
  create,
  type MessageInitShape,
  type RequestSchema,
  type Response,
  Role,
  Suite,
  toBinary,
} from '@quintet/wire'
import { present } from '../assert.ts'
import { fakeCommit, type FakeCommit, fakeGroupInfo, fakeKeyPackage, fakeMessage, fakeWelcome } from './fake-mls.ts'
import { TestLine, type TestWire } from './test-line.ts'
import type { TestAccount, TestKeys } from './test-person.ts'

type Call = NonNullable<MessageInitShape<typeof RequestSchema>['call']>
type Connect = (onFrame: (bytes: Uint8Array) => void, onClose: () => void) => TestWire | Promise<TestWire>

const farAway = 4_000_000_000n

/** A connected device of a test; its MLS messages only look like ones. */
export class TestDevice {
  readonly account: TestAccount
  readonly keys: TestKeys
  line: TestLine
  private readonly connect: Connect

  private constructor(account: TestAccount, keys: TestKeys, line: TestLine, connect: Connect) {
    this.account = account
    this.keys = keys
    this.line = line
    this.connect = connect
  }

  static async open(account: TestAccount, keys: TestKeys, connect: Connect): Promise<TestDevice> {
    return new TestDevice(account, keys, await TestLine.open(connect), connect)
  }

  ask(call: Call): Promise<Response['result']> {
    return this.line.ask(call)
  }

  async signUp(handle: string, invite = ''): Promise<Response['result']> {
    const { incarnation, challenge } = this.line.greeting
    const signature = await this.account.signature(this.keys, incarnation, challenge)
    const statement = await this.account.statement(this.keys)
    const value = { protocol: 1, handle, genesis: this.account.genesis, statement, invite, signature }
    return this.ask({ case: 'signUp', value })
  }

  async signIn(): Promise<Response['result']> {
    const { incarnation, challenge } = this.line.greeting
    const signature = await this.account.signature(this.keys, incarnation, challenge)
    const device = bytesOf(this.keys.device)
    return this.ask({ case: 'authenticate', value: { protocol: 1, account: this.account.bytes, device, signature } })
  }

  async reconnect(): Promise<Response['result']> {
    this.line.close()
    this.line = await TestLine.open(this.connect)
    return this.signIn()
  }

  get leaf() {
    return this.account.leaf(this.keys)
  }

  keyPackage(salt = 0, suite = 1, notAfter = farAway): Uint8Array {
    return fakeKeyPackage(this.leaf, suite, notAfter, salt)
  }

  /** Creates a chat and adds the others' devices in the first commit. */
  createChat(chat: ChatId, policy: Uint8Array, others: readonly TestDevice[] = []): Promise<Response['result']> {
    const commit = this.upload({ chat, epoch: 0n, sender: 0, committer: this.leaf, adds: adding(others) }, policy)
    return this.ask({ case: 'createChat', value: { chat: bytesOf(chat), policy, commit } })
  }

  commit(commit: Omit<FakeCommit, 'committer'>, policyAfter: Uint8Array): Promise<Response['result']> {
    const upload = this.upload({ ...commit, committer: this.leaf }, policyAfter)
    return this.ask({ case: 'commit', value: { chat: bytesOf(commit.chat), epoch: commit.epoch, upload } })
  }

  private upload(commit: FakeCommit, policyAfter: Uint8Array) {
    return {
      commit: fakeCommit(commit),
      groupInfo: fakeGroupInfo(commit.chat, 1, commit.epoch + 1n, policyAfter),
      welcome: commit.adds?.length ? fakeWelcome(1) : new Uint8Array(),
    }
  }

  say(chat: ChatId, epoch: bigint, n: bigint, text: string, content = true): Promise<Response['result']> {
    const message = fakeMessage(chat, epoch, text)
    return this.ask({ case: 'append', value: { chat: bytesOf(chat), epoch, n, message, content } })
  }

  /** Says for the whole account that it leaves (C6). */
  async leave(chat: ChatId): Promise<Response['result']> {
    const nonce = new Uint8Array(16).fill(Number(this.account.state.head.position))
    const claim = { chat, account: this.account.id, device: this.keys.device, nonce }
    const intent = await signLeaveIntent(claim, this.keys.log)
    return this.ask({ case: 'leave', value: { chat: bytesOf(chat), intent } })
  }

  ack(chat: ChatId, seq: bigint): Promise<Response['result']> {
    return this.ask({ case: 'ack', value: { cursors: [{ chat: bytesOf(chat), seq }] } })
  }
}

/** What a commit adds of each device: its leaf by a key package of its own. */
export function adding(devices: readonly TestDevice[]): NonNullable<FakeCommit['adds']> {
  return devices.map((device) => ({ leaf: device.leaf, keyPackage: device.keyPackage() }))
}

export function policyFor(
  kind: 'self' | 'direct' | 'group',
  creator: TestAccount,
  members: readonly TestAccount[],
  before?: ChatId,
): Uint8Array {
  const kinds = { self: ChatKind.SELF, direct: ChatKind.DIRECT, group: ChatKind.GROUP } as const
  const sorted = members.map(({ bytes }) => bytes).sort(compareBytes)
  const lines = sorted.map((account) => ({ account, role: Role.ADMIN }))
  const predecessor = before === undefined ? {} : { predecessor: { chat: bytesOf(before) } }
  const shape = { kind: kinds[kind], creator: creator.bytes, suite: Suite.BASE, members: lines }
  const fields = { version: 1, ...shape, ...predecessor }
  return toBinary(ChatPolicySchema, create(ChatPolicySchema, fields))
}

export function chatIdOf(bytes: Uint8Array): ChatId {
  return present(parseChatBytes(bytes), '32 bytes are a chat id')
}
