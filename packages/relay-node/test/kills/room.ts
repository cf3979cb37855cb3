import { bytesOf, type ChatId, hexOf, sameBytes } from '@quintet/domain'
import {
  expectAnswer,
  type FakeCommit,
  fakeCommit,
  fakeGroupInfo,
  fakeKeyPackage,
  fakeWelcome,
  outcome,
  policyFor,
  type TestAccount,
  type TestDevice,
} from '@quintet/relay/testing'
import type { Pulse } from './pulse.ts'

/** Where a chat stands: what the relay must say of it, all of it together (R1). */
interface Standing {
  readonly epoch: bigint
  readonly guest: boolean
  readonly groupInfo: Uint8Array
}

/** A chat whose creator commits again and again: a guest comes, a guest goes. */
export class Room {
  readonly chat: ChatId
  readonly people: readonly TestDevice[]
  firstHash = new Uint8Array()
  /** Acknowledged commits: the hash of the log at each. */
  readonly hashes = new Map<bigint, Uint8Array>()
  private readonly creator: TestDevice
  private readonly guest: TestDevice
  private readonly accounts: readonly TestAccount[]
  private readonly pulse: Pulse
  private now: Standing
  /** Sent, and not answered. */
  private next: (Standing & { readonly value: ReturnType<Room['upload']> }) | undefined

  constructor(chat: ChatId, people: readonly [TestDevice, ...TestDevice[]], guest: TestDevice, pulse: Pulse) {
    this.chat = chat
    this.people = people
    this.creator = people[0]
    this.guest = guest
    this.accounts = [...new Set(people.map(({ account }) => account))]
    this.pulse = pulse
    this.now = { epoch: 1n, guest: false, groupInfo: fakeGroupInfo(chat, 1, 1n, this.policy(false)) }
  }

  private policy(guest: boolean): Uint8Array {
    return policyFor('group', this.creator.account, guest ? [...this.accounts, this.guest.account] : this.accounts)
  }

  async make(): Promise<void> {
    const answer = await this.creator.createChat(this.chat, this.policy(false), this.people.slice(1))
    this.firstHash = Uint8Array.from(expectAnswer(answer, 'committed').logHash)
  }

  private upload(guest: boolean) {
    const { chat, creator } = this
    const { epoch } = this.now
    const policy = this.policy(guest)
    const { leaf } = this.guest
    const coming = { adds: [{ leaf, keyPackage: fakeKeyPackage(leaf, 1, 4_000_000_000n, Number(epoch)) }] }
    const going = { removes: [{ index: this.people.length, who: leaf.credential }] }
    const delta = guest === this.now.guest ? {} : guest ? coming : going
    const commit: FakeCommit = {
      chat,
      epoch,
      sender: 0,
      committer: creator.leaf,
      policy,
      salt: Number(epoch),
      ...delta,
    }
    const groupInfo = fakeGroupInfo(chat, 1, epoch + 1n, policy)
    const welcome = 'adds' in delta ? fakeWelcome(1, Number(epoch)) : new Uint8Array()
    return { commit: fakeCommit(commit), groupInfo, welcome }
  }

  /** The guest comes or goes, or only the keys change. */
  async commit(guest: boolean): Promise<void> {
    const value = this.upload(guest)
    this.next = { epoch: this.now.epoch + 1n, guest, groupInfo: value.groupInfo, value }
    await this.sendNext()
  }

  get guestIsIn(): boolean {
    return this.now.guest
  }

  private async sendNext(): Promise<void> {
    const { next } = this
    if (next === undefined) return
    const { chat } = this
    this.pulse.beat('commit')
    const call = { chat: bytesOf(chat), epoch: this.now.epoch, upload: next.value }
    const answer = await this.creator.ask({ case: 'commit', value: call })
    if (answer.case !== 'committed') throw new Error(`a commit was answered ${outcome(answer)}`)
    this.pulse.beat('committed')
    this.hashes.set(answer.value.seq, Uint8Array.from(answer.value.logHash))
    this.now = next
    this.next = undefined
  }

  /** After a restart: the whole of the commit under way is there, or nothing of it; then it goes out again. */
  async check(): Promise<void> {
    const answer = await this.creator.ask({ case: 'getGroupInfo', value: { chat: bytesOf(this.chat) } })
    const { groupInfo, epoch, roster } = expectAnswer(answer, 'groupInfo')
    const stands = [this.now, ...(this.next ? [this.next] : [])].find((each) => each.epoch === epoch)
    if (stands === undefined) throw new Error(`the relay stands at epoch ${epoch}, not at ${this.now.epoch}`)
    if (!sameBytes(groupInfo, stands.groupInfo)) throw new Error(`the group info is not that of epoch ${epoch}`)
    const expected = [...this.people, ...(stands.guest ? [this.guest] : [])].map(({ keys }) =>
      hexOf(bytesOf(keys.device)),
    )
    const told = roster.map(({ device }) => hexOf(device))
    if (expected.join() !== told.join()) throw new Error(`the roster is not that of epoch ${epoch}`)
    await this.checkGuest(stands)
    if (stands === this.next) this.next = undefined
    this.now = stands
    await this.sendNext()
  }

  /** Whoever was added finds the Welcome of that commit; whoever was taken out has nothing. */
  private async checkGuest({ guest, epoch }: Standing): Promise<void> {
    const { chats } = expectAnswer(await this.guest.ask({ case: 'sync', value: {} }), 'sync')
    const state = chats.find(({ chat }) => sameBytes(chat, bytesOf(this.chat)))
    if ((state?.inRoster ?? false) !== guest) throw new Error(`the guest is not told what epoch ${epoch} says`)
    const answer = await this.guest.ask({ case: 'getWelcome', value: { chat: bytesOf(this.chat) } })
    if ((answer.case === 'welcome') !== guest)
      throw new Error(`the Welcome of epoch ${epoch} was answered ${outcome(answer)}`)
  }
}
