import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Suite } from '@quintet/crypto'
import {
  authenticators,
  bytes,
  type Device,
  device,
  emptyPlan,
  groupOf,
  join,
  keyPackage,
  reading,
} from './mls-device.ts'

const chat = bytes('chat-1')
const runs = Number(process.env['QUINTET_FUZZ_HISTORIES'] ?? 20)
const most = 9

const steps = [
  'add',
  'add-two',
  'update',
  'remove',
  'remove-two',
  'swap',
  'external',
  'resync',
  'talk',
  'restart',
] as const
type Step = readonly [(typeof steps)[number], number]

/** A chat with everyone who is in it, and everyone who once was. */
class History {
  readonly #suite: Suite
  #made = 0
  members: Device[] = []
  readonly removed: Device[] = []

  constructor(suite: Suite) {
    this.#suite = suite
    this.members = [this.#newcomer(), this.#newcomer()]
    const [first, second] = this.members
    if (first && second) groupOf(chat, suite, first, second)
  }

  #newcomer(): Device {
    return device(`device-${this.#made++}`)
  }

  #pick(seed: number): Device {
    const one = this.members[seed % this.members.length]
    if (!one) throw new Error('an empty chat')
    return one
  }

  /** All but the maker merge it; whoever it removes keeps what it has and tries to read on. */
  #merge(commit: Uint8Array, ...except: readonly Device[]): void {
    for (const one of this.members) {
      if (except.includes(one)) continue
      const opened = one.engine.open(chat, commit)
      if (opened.kind !== 'commit') throw new Error('not a commit')
      expect(opened.view.unlisted).toEqual([])
      if (!opened.view.removesSelf) one.engine.mergeStaged(chat, opened.staged)
      one.rows.commit(one.engine)
    }
  }

  #change(seed: number, adds: number, removes: number): void {
    const maker = this.#pick(seed)
    const newcomers = Array.from({ length: Math.min(adds, most - this.members.length) }, () => this.#newcomer())
    const leaving = this.members.filter((one) => one !== maker).slice(0, Math.min(removes, this.members.length - 2))
    const leaves = maker.engine.view(chat)?.leaves ?? []
    const made = maker.engine.commit(chat, {
      ...emptyPlan,
      addKeyPackages: newcomers.map((one) => keyPackage(one, this.#suite)),
      removeLeaves: leaving.map(
        (gone) => leaves.find((leaf) => String(leaf.signatureKey) === String(gone.key))?.index ?? -1,
      ),
    })
    this.#merge(made.commit, maker)
    maker.engine.mergePending(chat)
    maker.rows.commit(maker.engine)
    for (const one of newcomers) join(one, made.welcome)
    this.members = [...this.members.filter((one) => !leaving.includes(one)), ...newcomers]
    this.removed.push(...leaving)
  }

  #enter(who: Device, seed: number): void {
    const others = this.members.filter((one) => one !== who)
    const info = others[seed % others.length]?.engine.groupInfo(chat)
    if (!info) return
    const { commit } = who.engine.joinExternal(info, bytes(''))
    this.#merge(commit.commit, who)
    who.engine.replaceByScratch(chat)
    who.rows.commit(who.engine)
    if (!this.members.includes(who)) this.members.push(who)
  }

  do([step, seed]: Step): void {
    const doing: Readonly<Record<Step[0], () => void>> = {
      add: () => this.#change(seed, 1, 0),
      'add-two': () => this.#change(seed, 2, 0),
      update: () => this.#change(seed, 0, 0),
      remove: () => this.#change(seed, 0, 1),
      'remove-two': () => this.#change(seed, 0, 2),
      swap: () => this.#change(seed, 1, 1),
      external: () => {
        if (this.members.length < most) this.#enter(this.#newcomer(), seed)
      },
      resync: () => this.#enter(this.#pick(seed), seed),
      talk: () => this.check(seed),
      restart: () => this.#pick(seed).restart(),
    }
    doing[step]()
  }

  /** One secret, one tree; each hears one, and whoever is out hears nothing. */
  check(seed: number): void {
    expect(new Set(authenticators(chat, ...this.members)).size).toBe(1)
    expect(new Set(this.members.map((one) => one.engine.view(chat)?.leaves.length))).toEqual(
      new Set([this.members.length]),
    )
    const speaker = this.#pick(seed)
    const said = speaker.engine.encrypt(chat, bytes(''), bytes('said'))
    for (const one of this.members) {
      expect(reading(one, chat, said)).toBe(one === speaker ? 'own-message' : 'said')
      one.rows.commit(one.engine)
    }
    for (const one of this.removed) expect(['wrong-epoch', 'not-a-member']).toContain(reading(one, chat, said))
  }
}

describe.each(['base', 'hybrid'] as const)('random histories in the %s suite', (suite) => {
  test('all members share each epoch’s secret, and who was removed reads nothing', { timeout: 600_000 }, () => {
    const step = fc.tuple(fc.constantFrom(...steps), fc.nat(1000))
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 20 }), (history) => {
        const chatHistory = new History(suite)
        for (const one of history) {
          chatHistory.do(one)
          chatHistory.check(one[1])
        }
      }),
      { numRuns: runs },
    )
  })
})
