import { randomBytes } from 'node:crypto'
import { bytesOf, type ChatId, compareBytes, parseCredential } from '@quintet/domain'
import type { MlsEngine, OwnCommit, Suite } from '@quintet/crypto'
import type { RelayStore } from '@quintet/relay'
import { chatIdOf, expectAnswer, outcome, type TestAccount } from '@quintet/relay/testing'
import {
  ChatKind,
  ChatPolicySchema,
  CommitAadSchema,
  create,
  type Entry,
  EntryKind,
  type GroupInfoResult,
  type Response,
  Role,
  toBinary,
} from '@quintet/wire'
import { expect } from 'vitest'
import { type Member, wireSuites } from './member.ts'

/** What a commit is to do, and what it says that it does. */
export interface Change {
  readonly adds?: readonly Member[]
  readonly removes?: readonly Member[]
  /** The accounts of the policy afterwards; undefined = as it is. */
  readonly accounts?: readonly TestAccount[]
  /** What its authenticated data names instead of the truth (R2). */
  readonly saysAdds?: readonly Member[]
  readonly saysRemoves?: readonly Member[]
}

type Result = Response['result']

const none = new Uint8Array()

export const aadOf = (adds: readonly Member[], removes: readonly Member[]): Uint8Array =>
  toBinary(
    CommitAadSchema,
    create(CommitAadSchema, {
      commitId: randomBytes(16),
      adds: adds.map(({ named }) => named),
      removes: removes.map(({ named }) => named),
    }),
  )

/** One chat: the group that its members' engines hold, and the log and roster that the relay holds of it. */
export class Chat {
  readonly id: ChatId
  readonly bytes: Uint8Array
  readonly suite: Suite
  /** Whose leaves are in the tree. */
  members: Member[]
  accounts: TestAccount[]
  private readonly creator: TestAccount

  private constructor(suite: Suite, creator: Member) {
    this.bytes = new Uint8Array(randomBytes(32))
    this.id = chatIdOf(this.bytes)
    this.suite = suite
    this.members = [creator]
    this.creator = creator.account
    this.accounts = [creator.account]
  }

  /** The creator adds the others in the first commit; they join by its Welcome. */
  static async create(suite: Suite, creator: Member, others: readonly Member[]): Promise<Chat> {
    const chat = new Chat(suite, creator)
    chat.accounts = [...new Set([creator, ...others].map(({ account }) => account))]
    const policy = chat.policyOf(chat.accounts)
    creator.engine.createGroup(chat.bytes, suite, policy)
    const made = await chat.build(creator, { adds: others })
    const commit = { commit: made.commit, groupInfo: made.groupInfo, welcome: made.welcome ?? none }
    const answer = await creator.device.ask({ case: 'createChat', value: { chat: chat.bytes, policy, commit } })
    expect(outcome(answer)).toBe('done')
    await chat.follow(creator, made, { adds: others })
    return chat
  }

  policyOf(accounts: readonly TestAccount[], creatorRole = Role.ADMIN): Uint8Array {
    const members = accounts
      .map(({ bytes }) => ({ account: bytes, role: bytes === this.creator.bytes ? creatorRole : Role.ADMIN }))
      .sort((a, b) => compareBytes(a.account, b.account))
    const shape = { version: 1, kind: ChatKind.GROUP, suite: wireSuites[this.suite] }
    return toBinary(ChatPolicySchema, create(ChatPolicySchema, { ...shape, creator: this.creator.bytes, members }))
  }

  epochOf({ engine }: Member): bigint {
    return engine.view(this.bytes)?.epoch ?? -1n
  }

  leafOf(of: Member, seenBy: MlsEngine): number {
    const leaves = seenBy.view(this.bytes)?.leaves ?? []
    return leaves.find(({ signatureKey }) => compareBytes(signatureKey, of.device.leaf.mlsKey) === 0)?.index ?? -1
  }

  /** A commit of that member, pending in its engine. */
  async build(by: Member, change: Change): Promise<OwnCommit> {
    const { adds = [], removes = [], accounts, saysAdds = adds, saysRemoves = removes } = change
    const addKeyPackages: Uint8Array[] = []
    for (const one of adds) addKeyPackages.push(await one.keyPackageFor(by, this.suite))
    return by.engine.commit(this.bytes, {
      addKeyPackages,
      removeLeaves: removes.map((one) => this.leafOf(one, by.engine)),
      policy: accounts && this.policyOf(accounts),
      aad: aadOf(saysAdds, saysRemoves),
    })
  }

  send(by: Member, made: Pick<OwnCommit, 'commit' | 'groupInfo' | 'welcome'>, epoch?: bigint): Promise<Result> {
    const upload = { commit: made.commit, groupInfo: made.groupInfo, welcome: made.welcome ?? none }
    return by.device.ask({ case: 'commit', value: { chat: this.bytes, epoch: epoch ?? this.epochOf(by), upload } })
  }

  /** Everyone does what the commit says that the relay took: its maker, those who hear of it, those whom it adds. */
  async follow(by: Member, made: OwnCommit, { adds = [], removes = [], accounts }: Change): Promise<void> {
    for (const one of this.members) {
      if (one === by && made.epoch === 1n) continue
      const entry = await this.hears(one)
      expect([entry.kind, entry.epoch, entry.message]).toEqual([EntryKind.COMMIT, made.epoch - 1n, made.commit])
      if (one !== by) this.merge(one, entry.message)
    }
    by.engine.mergePending(this.bytes)
    by.save()
    for (const one of adds) await this.joinByWelcome(one, made.epoch)
    this.members = [...this.members.filter((one) => !removes.includes(one)), ...adds]
    if (accounts) this.accounts = [...accounts]
  }

  private merge(one: Member, commit: Uint8Array): void {
    const { engine } = one
    const opened = engine.open(this.bytes, commit)
    if (opened.kind !== 'commit') expect.unreachable('a commit was pushed')
    expect(opened.view.unlisted).toEqual([])
    if (opened.view.removesSelf) engine.discardStaged(this.bytes, opened.staged)
    else engine.mergeStaged(this.bytes, opened.staged)
    one.save()
  }

  private async joinByWelcome(one: Member, epoch: bigint): Promise<void> {
    // Other news of the same kind may have come before: that a chat is there to be joined by oneself.
    while (!(await one.device.line.hears('chatAdded')).welcome);
    const answer = await one.device.ask({ case: 'getWelcome', value: { chat: this.bytes } })
    const waiting = expectAnswer(answer, 'welcome')
    expect(waiting.epoch).toBe(epoch)
    one.engine.acceptJoin(one.engine.stageWelcome(waiting.welcome).staged)
    one.save()
    expect(this.epochOf(one)).toBe(epoch)
  }

  /** What the relay answers a device that wants to join or resync by itself. */
  async facts(asker: Member): Promise<GroupInfoResult> {
    return expectAnswer(await asker.device.ask({ case: 'getGroupInfo', value: { chat: this.bytes } }), 'groupInfo')
  }

  /** Joins by an external commit; one who is in already replaces its own old leaf. */
  async enter(one: Member): Promise<void> {
    const wasIn = this.members.includes(one)
    const facts = await this.facts(one)
    const { commit: made } = one.engine.joinExternal(facts.groupInfo, aadOf([one], wasIn ? [one] : []))
    expect(outcome(await this.send(one, made, facts.epoch))).toBe('done')
    for (const other of this.members) {
      // A device hears the commit that takes out its old leaf; as a newcomer it begins after it.
      if (other === one) continue
      const entry = await this.hears(other)
      expect(entry.message).toEqual(made.commit)
      this.merge(other, entry.message)
    }
    one.engine.replaceByScratch(this.bytes)
    one.save()
    if (!wasIn) this.members.push(one)
  }

  private async hears(one: Member): Promise<Entry> {
    const { entry, chat } = await one.device.line.hears('entry')
    expect(chat).toEqual(this.bytes)
    return entry ?? expect.unreachable('an entry was pushed')
  }

  /** Says something that all members hear and can read. */
  async talk(speaker: Member, text: string): Promise<void> {
    const message = speaker.engine.encrypt(this.bytes, none, new TextEncoder().encode(text))
    const answer = await this.append(speaker, this.epochOf(speaker), message, speaker.n + 1n)
    expect(outcome(answer)).toBe('done')
    speaker.n++
    for (const one of this.members) {
      const entry = await this.hears(one)
      expect(entry.device).toEqual(speaker.named.device)
      if (one === speaker) continue
      const opened = one.engine.open(this.bytes, entry.message)
      one.save()
      expect(opened.kind === 'application' && new TextDecoder().decode(opened.plaintext)).toBe(text)
    }
  }

  append(by: Member, epoch: bigint, message: Uint8Array, n: bigint): Promise<Result> {
    return by.device.ask({ case: 'append', value: { chat: this.bytes, epoch, n, message, content: true } })
  }

  /** R2: the relay's roster is the tree's leaves, leaf by leaf; its epoch, policy and GroupInfo are the members'. */
  async check(store: RelayStore): Promise<void> {
    const [first] = this.members
    const view = first?.engine.view(this.bytes)
    if (!first || !view) return expect.unreachable('somebody is in the chat')
    for (const { engine } of this.members) {
      expect(engine.view(this.bytes)?.epochAuthenticator).toEqual(view.epochAuthenticator)
    }
    const leaves = view.leaves.map(({ index, credential }) => ({
      leaf: index,
      device: parseCredential(credential)?.device,
    }))
    expect(leaves.map(({ device }) => device).sort()).toEqual(
      this.members.map(({ device }) => device.keys.device).sort(),
    )
    const stored = await store.chats.load(this.id)
    const roster = stored?.members
      .filter(({ leaf }) => leaf !== undefined)
      .sort((a, b) => (a.leaf ?? 0) - (b.leaf ?? 0))
    expect(roster?.map(({ leaf, device }) => ({ leaf, device }))).toEqual(leaves)
    expect([BigInt(stored?.epoch ?? -1), stored?.policy]).toEqual([view.epoch, view.policy])
    expect(stored?.parties.map(({ account }) => account).sort()).toEqual(this.accounts.map(({ id }) => id).sort())
    const facts = await this.facts(first)
    expect(facts.roster.map(({ device }) => device)).toEqual(leaves.map(({ device }) => device && bytesOf(device)))
    expect(first.engine.inspectGroupInfo(facts.groupInfo).treeHash).toEqual(view.treeHash)
  }
}
