import { bytesOf, parseAccountBytes, parseChatBytes, parseDeviceBytes, parseHandle } from '@quintet/domain'
import type { AccountId, ChatId, DeviceId, Handle } from '@quintet/domain'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CommitChange, NewChat, NewEntry, StoredMember } from './chat-store.ts'
import { type RelayStore, StoreError } from './store.ts'

/** Opens an empty store, and closes it when the test is over. */
export type OpenStore = () => Promise<{ readonly store: RelayStore; close(): Promise<void> }>

let salt = 0
function bytes(length: number): Uint8Array {
  salt++
  const made = new Uint8Array(length)
  new DataView(made.buffer).setUint32(0, salt)
  return made
}
function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it parses')
  return value
}
const account = (): AccountId => must(parseAccountBytes(bytes(32)))
const device = (): DeviceId => must(parseDeviceBytes(bytes(16)))
const chatId = (): ChatId => must(parseChatBytes(bytes(32)))
const handle = (name: string): Handle => must(parseHandle(name))
const code = (write: Promise<unknown>): Promise<string> =>
  write.then(
    () => 'done',
    (error: unknown) => (error instanceof StoreError ? error.code : 'threw'),
  )

interface Person {
  readonly account: AccountId
  readonly device: DeviceId
}

async function person(store: RelayStore, name?: string): Promise<Person> {
  const made = { account: account(), device: device() }
  const row = {
    handle: handle(name ?? `p${salt}`),
    entry: bytes(40),
    headHash: bytes(32),
    statement: undefined,
    atMs: 5,
  }
  await store.accounts.create({ ...made, ...row })
  return made
}

function member(
  who: Person,
  leaf: number | undefined,
  joinSeq: number,
  more: Partial<StoredMember> = {},
): StoredMember {
  const counted = { n: 0, nSeq: 0, nAtMs: 0, nDigest: new Uint8Array() }
  const place = { leaf, joinSeq, joinHash: bytes(32), cursor: joinSeq, welcomeSeq: undefined }
  return { ...who, ...place, ...counted, ...more }
}

/** Entries whose hashes chain as the relay's do; `hash` of the last one is what the store has to answer. */
class Log {
  private readonly sha256: (bytes: Uint8Array) => Uint8Array
  private readonly nextHash: (previous: Uint8Array, seq: number, digest: Uint8Array) => Uint8Array
  hash: Uint8Array = new Uint8Array(32)
  seq = 0
  atMs = 0

  constructor(hashes: StoreHashes) {
    this.sha256 = hashes.sha256
    this.nextHash = hashes.nextHash
  }

  next(from: DeviceId, n: number, epoch: number, atMs: number, content = n > 0): NewEntry {
    const message = bytes(60)
    const digest = this.sha256(message)
    const before = { hashBefore: this.hash, atBeforeMs: this.atMs }
    this.seq++
    this.atMs = atMs
    this.hash = this.nextHash(this.hash, this.seq, digest)
    const kind = n === 0 ? ('commit' as const) : ('message' as const)
    return { seq: this.seq, atMs, epoch, kind, content, device: from, n, message, digest, hash: this.hash, ...before }
  }
}

export interface StoreHashes {
  sha256(bytes: Uint8Array): Uint8Array
  nextHash(previous: Uint8Array, seq: number, digest: Uint8Array): Uint8Array
}

/** What every store of a relay must do. */
export function relayStoreContract(name: string, open: OpenStore, hashes: StoreHashes): void {
  describe(`${name}: the relay's store`, () => {
    let store: RelayStore
    let close: () => Promise<void>
    beforeEach(async () => {
      ;({ store, close } = await open())
    })
    afterEach(() => close())

    async function chat(creator: Person, others: readonly Person[], log: Log): Promise<NewChat> {
      const entry = log.next(creator.device, 0, 0, 10)
      const members = [creator, ...others].map((who, at) => member(who, at, 1, { welcomeSeq: at > 0 ? 1 : undefined }))
      const parties = [creator, ...others].map((who) => ({ account: who.account, deliveredOn: true, deliveredSeq: 0 }))
      const made: NewChat = {
        chat: chatId(),
        kind: 'group',
        suite: 1,
        policy: bytes(50),
        members,
        parties,
        entry,
        groupInfo: bytes(80),
        welcome: bytes(70),
      }
      await store.chats.create(made)
      return made
    }

    const page = (id: ChatId, after: number, limit = 100, commitsOnly = false) =>
      store.chats.page({ chat: id, after, limit, maxBytes: 1_000_000, commitsOnly })

    test('an account is made once and reads back as it was given', async () => {
      const alice = await person(store, 'alice')
      const kept = await store.accounts.load(alice.account)
      expect(kept).toMatchObject({ account: alice.account, handle: 'alice', suspended: false, takenAtMs: [5] })
      expect(kept?.entries).toHaveLength(1)
      const again = {
        ...alice,
        handle: handle('other'),
        entry: bytes(4),
        headHash: bytes(32),
        statement: undefined,
        atMs: 6,
      }
      expect(await code(store.accounts.create(again))).toBe('conflict')
      expect(await store.accounts.load(account())).toBeUndefined()
      expect(await store.accounts.count()).toEqual({ accounts: 1, devices: 1, suspended: 0 })
    })

    test('a log takes each position once, and a removed device loses what was kept for it', async () => {
      const alice = await person(store, 'alice')
      const tablet = device()
      const entry = { entry: bytes(30), headHash: bytes(32), atMs: 7, cuts: [], closes: false }
      const adds = { device: tablet, statement: bytes(9) }
      await store.accounts.extend({ account: alice.account, position: 1, ...entry, adds })
      expect(
        await code(store.accounts.extend({ account: alice.account, position: 1, ...entry, adds: undefined })),
      ).toBe('conflict')
      expect(
        await code(store.accounts.extend({ account: alice.account, position: 3, ...entry, adds: undefined })),
      ).toBe('conflict')
      expect((await store.accounts.log(alice.account, 1))?.entries).toEqual([entry.entry])
      expect((await store.accounts.log(alice.account, 0))?.statements).toEqual([adds.statement])
      const upload = { account: alice.account, device: tablet, suite: 'base' as const, replace: false, atMs: 8 }
      const packages = [{ bytes: bytes(20), notAfterMs: 1000 }]
      await store.accounts.putKeyPackages({ ...upload, packages, lastResort: undefined })
      const cut = { ...entry, entry: bytes(31), cuts: [tablet], adds: undefined }
      await store.accounts.extend({ account: alice.account, position: 2, ...cut })
      expect(await store.accounts.takeKeyPackages(alice.account, [tablet], 'base', 10)).toEqual([])
      expect((await store.accounts.log(alice.account, 0))?.statements).toEqual([])
      expect(await code(store.accounts.putKeyPackages({ ...upload, packages, lastResort: undefined }))).toBe('conflict')
      expect(await store.accounts.summary(alice.account)).toMatchObject({ devices: 1, logEntries: 3 })
    })

    test('a closed account keeps its log and nothing else', async () => {
      const alice = await person(store, 'alice')
      await store.accounts.putKitBlob(alice.account, bytes(12), 9)
      const end = {
        entry: bytes(30),
        headHash: bytes(32),
        atMs: 7,
        adds: undefined,
        cuts: [alice.device],
        closes: true,
      }
      await store.accounts.extend({ account: alice.account, position: 1, ...end })
      expect(await store.accounts.kitBlob(alice.account)).toBeUndefined()
      expect((await store.accounts.load(alice.account))?.entries).toHaveLength(2)
      expect(await store.accounts.summary(alice.account)).toMatchObject({ closed: true, handle: undefined })
    })

    test('key packages are handed out oldest first, each once; the last resort stays; dead ones never leave', async () => {
      const alice = await person(store, 'alice')
      const [first, second, last] = [bytes(20), bytes(20), bytes(20)]
      const upload = { ...alice, suite: 'hybrid' as const, atMs: 3, replace: false }
      const packages = [
        { bytes: bytes(20), notAfterMs: 50 },
        { bytes: first, notAfterMs: 500 },
        { bytes: second, notAfterMs: 500 },
      ]
      await store.accounts.putKeyPackages({ ...upload, packages, lastResort: { bytes: last, notAfterMs: 900 } })
      expect(await store.accounts.stock(alice.device, 'hybrid')).toEqual({ waiting: 3, lastResortAtMs: 3 })
      expect(await store.accounts.stock(alice.device, 'base')).toEqual({ waiting: 0, lastResortAtMs: undefined })
      const take = (nowMs: number) => store.accounts.takeKeyPackages(alice.account, [alice.device], 'hybrid', nowMs)
      expect(await take(100)).toEqual([{ device: alice.device, bytes: first, lastResort: false }])
      expect(await take(100)).toEqual([{ device: alice.device, bytes: second, lastResort: false }])
      expect(await take(100)).toEqual([{ device: alice.device, bytes: last, lastResort: true }])
      expect(await take(100)).toHaveLength(1)
      expect(await take(900)).toEqual([])
      const fresh = [{ bytes: bytes(20), notAfterMs: 500 }]
      await store.accounts.putKeyPackages({ ...upload, packages: fresh, lastResort: undefined })
      await store.accounts.forgetKeyPackages()
      expect(await take(100)).toEqual([{ device: alice.device, bytes: last, lastResort: true }])
      await store.accounts.putKeyPackages({ ...upload, packages: [], lastResort: undefined, replace: true })
      expect((await store.accounts.stock(alice.device, 'hybrid')).lastResortAtMs).toBeUndefined()
    })

    test('a handle is one account at a time, rests when told to, and is free after', async () => {
      const [alice, bob] = [account(), account()]
      const name = handle('robin')
      await store.handles.claim(name, alice, 0)
      expect(await code(store.handles.claim(name, alice, 0))).toBe('done')
      expect(await code(store.handles.claim(name, bob, 0))).toBe('conflict')
      expect(await store.handles.find(name)).toBe(alice)
      await store.handles.release(name, bob, 0)
      expect(await store.handles.find(name)).toBe(alice)
      await store.handles.release(name, alice, 100)
      expect(await store.handles.find(name)).toBeUndefined()
      expect(await code(store.handles.claim(name, bob, 99))).toBe('conflict')
      expect(await code(store.handles.claim(name, bob, 100))).toBe('done')
      expect(await store.handles.find(name)).toBe(bob)
    })

    test('an invite counts as often as it says, until it expires or is revoked', async () => {
      await store.invites.create({ code: 'one', usesLeft: 1, expiresAtMs: 100, createdAtMs: 0 })
      expect(await code(store.invites.use('one', 100))).toBe('conflict')
      expect(await code(store.invites.use('one', 99))).toBe('done')
      expect(await code(store.invites.use('one', 99))).toBe('conflict')
      await store.invites.giveBack('one')
      expect(await code(store.invites.use('one', 99))).toBe('done')
      expect(await code(store.invites.use('none', 0))).toBe('conflict')
      expect(await store.invites.list()).toHaveLength(1)
      expect(await store.invites.revoke('one')).toBe(true)
      expect(await store.invites.revoke('one')).toBe(false)
    })

    test('settings, suspension, handles, kit blobs and last-seen times read back', async () => {
      const alice = await person(store, 'alice')
      await store.settings.set('a', '1')
      await store.settings.set('a', '2')
      expect(await store.settings.get('a')).toBe('2')
      await store.settings.set('a', undefined)
      expect([...(await store.settings.all())]).toEqual([])
      await store.accounts.setSuspended(alice.account, true)
      expect((await store.accounts.load(alice.account))?.suspended).toBe(true)
      await store.accounts.setHandle(alice.account, handle('ally'))
      expect((await store.accounts.handlesOf([alice.account, account()])).get(alice.account)).toBe('ally')
      const blob = bytes(30)
      await store.accounts.putKitBlob(alice.account, blob, 4)
      expect(await store.accounts.kitBlob(alice.account)).toEqual({ blob, atMs: 4 })
      await store.accounts.saveSeen(new Map([[alice.device, 77]]))
      expect((await store.accounts.seen(alice.account)).get(alice.device)).toBe(77)
    })

    test('the first create of a chat wins, and all of it reads back', async () => {
      const log = new Log(hashes)
      const [alice, bob] = [await person(store), await person(store)]
      const made = await chat(alice, [bob], log)
      expect(await code(store.chats.create(made))).toBe('conflict')
      const kept = await store.chats.load(made.chat)
      expect(kept).toMatchObject({ kind: 'group', suite: 1, epoch: 1, headSeq: 1, headAtMs: 10, trimmedSeq: 0 })
      expect(kept?.headHash).toEqual(log.hash)
      expect(kept?.policy).toEqual(made.policy)
      expect(kept?.members.find((each) => each.device === bob.device)).toEqual(made.members[1])
      expect(await store.chats.load(chatId())).toBeUndefined()
      expect(await store.chats.welcome(made.chat, bob.device)).toMatchObject({
        welcome: made.welcome,
        epoch: 1,
        seq: 1,
      })
      expect(await store.chats.welcome(made.chat, alice.device)).toBeUndefined()
      expect(await store.chats.sharers(alice.account)).toEqual([bob.account])
      const facts = await store.chats.joinFacts(made.chat)
      expect(facts?.roster.map((each) => each.device)).toEqual([alice.device, bob.device])
      expect(facts).toMatchObject({ epoch: 1, headSeq: 1, groupInfo: made.groupInfo, headHash: log.hash })
    })

    test('entries are numbered without holes, and a later one than the next is refused', async () => {
      const log = new Log(hashes)
      const alice = await person(store)
      const { chat: id } = await chat(alice, [], log)
      const [two, three] = [log.next(alice.device, 1, 1, 20), log.next(alice.device, 2, 1, 30)]
      expect(await code(store.chats.append(id, three))).toBe('conflict')
      await store.chats.append(id, two)
      expect(await code(store.chats.append(id, two))).toBe('conflict')
      await store.chats.append(id, three)
      const kept = await page(id, 1)
      expect(kept?.entries.map(({ seq }) => seq)).toEqual([2, 3])
      expect(kept?.entries[1]).toMatchObject({
        n: 2,
        content: true,
        kind: 'message',
        hashBefore: two.hash,
        atBeforeMs: 20,
      })
      expect(kept).toMatchObject({ complete: true, headSeq: 3, headAtMs: 30, headHash: log.hash })
      expect((await page(id, 0, 2))?.complete).toBe(false)
      expect((await page(id, 0, 100, true))?.entries.map(({ seq }) => seq)).toEqual([1])
      const small = await store.chats.page({ chat: id, after: 0, limit: 10, maxBytes: 1, commitsOnly: false })
      expect(small?.entries).toHaveLength(1)
      expect((await store.chats.find(id, alice.device, 2))?.seq).toBe(3)
      expect(await store.chats.find(id, alice.device, 3)).toBeUndefined()
      const row = (await store.chats.load(id))?.members[0]
      expect(row).toMatchObject({ n: 2, nSeq: 3, nAtMs: 30, nDigest: three.digest })
    })

    test('of two commits of one epoch the second changes nothing', async () => {
      const log = new Log(hashes)
      const [alice, bob, carol] = [await person(store), await person(store), await person(store)]
      const { chat: id } = await chat(alice, [bob], log)
      const entry = log.next(alice.device, 0, 1, 20)
      const change: CommitChange = {
        chat: id,
        entry,
        groupInfo: bytes(80),
        welcome: bytes(70),
        policy: bytes(50),
        members: [member(carol, 1, 2, { welcomeSeq: 2 }), member(bob, undefined, 1)],
        partiesAdded: [{ account: carol.account, deliveredOn: true, deliveredSeq: 2 }],
        partiesRemoved: [bob.account],
      }
      await store.chats.addIntent(id, { account: bob.account, intent: bytes(10) })
      expect((await store.chats.load(id))?.intents).toHaveLength(1)
      await store.chats.commit(change)
      expect(await code(store.chats.commit({ ...change, groupInfo: bytes(80) }))).toBe('conflict')
      expect(await code(store.chats.commit({ ...change, entry: { ...entry, seq: 3 } }))).toBe('conflict')
      const kept = await store.chats.load(id)
      expect(kept).toMatchObject({ epoch: 2, headSeq: 2, intents: [], policy: change.policy })
      expect(kept?.parties.map((party) => party.account).sort()).toEqual([alice.account, carol.account].sort())
      expect((await store.chats.joinFacts(id))?.groupInfo).toEqual(change.groupInfo)
      expect((await store.chats.joinFacts(id))?.roster.map((each) => each.device)).toEqual([alice.device, carol.device])
      expect((await store.chats.overview(bob.account, bob.device)).chats).toEqual([])
      expect((await store.chats.overview(carol.account, carol.device)).chats[0]?.member?.welcomeSeq).toBe(2)
    })

    test('what all have acknowledged goes, commits stay, and counters and hashes outlive the entries', async () => {
      const log = new Log(hashes)
      const [alice, bob] = [await person(store), await person(store)]
      const { chat: id } = await chat(alice, [bob], log)
      const last = log.next(alice.device, 1, 1, 20)
      await store.chats.append(id, last)
      await store.chats.saveCursors(
        [{ chat: id, device: bob.device, cursor: 2, welcomed: true }],
        [{ chat: id, account: bob.account, deliveredSeq: 2 }],
      )
      expect(await store.chats.welcome(id, bob.device)).toBeUndefined()
      expect(await store.chats.trim(id, 2)).toBe(1)
      expect(await store.chats.trim(id, 2)).toBe(0)
      const kept = await store.chats.load(id)
      expect(kept).toMatchObject({ headSeq: 2, headAtMs: 20, headHash: log.hash, trimmedSeq: 2, content: [] })
      expect(kept?.members.find((each) => each.device === alice.device)).toMatchObject({
        n: 1,
        nSeq: 2,
        nDigest: last.digest,
      })
      expect(kept?.members.find((each) => each.device === bob.device)).toMatchObject({
        cursor: 2,
        welcomeSeq: undefined,
      })
      expect(kept?.parties.find((party) => party.account === bob.account)?.deliveredSeq).toBe(2)
      const empty = await page(id, 1)
      expect(empty).toMatchObject({ entries: [], complete: true, headSeq: 2, headHash: log.hash })
      const next = log.next(bob.device, 1, 1, 30)
      await store.chats.append(id, next)
      expect((await page(id, 0))?.entries.map(({ seq }) => seq)).toEqual([1, 3])
      expect(await store.chats.count()).toEqual({ chats: 1, entries: 2 })
    })

    test('retention takes the oldest first, commits too, and leaves what is younger', async () => {
      const log = new Log(hashes)
      const alice = await person(store)
      const { chat: id } = await chat(alice, [], log)
      await store.chats.append(id, log.next(alice.device, 1, 1, 20))
      await store.chats.append(id, log.next(alice.device, 2, 1, 200))
      expect(await store.chats.expire(100, 1)).toBe(1)
      expect(await store.chats.expire(100, 10)).toBe(1)
      expect(await store.chats.expire(100, 10)).toBe(0)
      expect((await page(id, 0))?.entries.map(({ seq }) => seq)).toEqual([3])
      expect(await store.chats.load(id)).toMatchObject({ headSeq: 3, headHash: log.hash })
      expect(await store.chats.expire(1000, 10)).toBe(1)
      expect(await store.chats.load(id)).toMatchObject({ headSeq: 3, headHash: log.hash })
      expect((await store.chats.load(id))?.members[0]).toMatchObject({ n: 2, nSeq: 3 })
    })

    test('a device sees where each of its chats stands, and the heads of everyone in them', async () => {
      const log = new Log(hashes)
      const [alice, bob] = [await person(store), await person(store)]
      const { chat: id } = await chat(alice, [bob], log)
      await store.chats.append(id, log.next(bob.device, 1, 1, 20))
      await store.chats.setDelivered(id, bob.account, false)
      const { chats, heads } = await store.chats.overview(bob.account, bob.device)
      expect(chats).toHaveLength(1)
      expect(chats[0]).toMatchObject({ chat: id, kind: 'group', epoch: 1, headSeq: 2, headAtMs: 20 })
      expect(chats[0]?.member).toMatchObject({ n: 1, nSeq: 2, welcomeSeq: 1 })
      expect(chats[0]?.parties.find((party) => party.account === bob.account)?.deliveredOn).toBe(false)
      expect(heads.map((head) => head.account).sort()).toEqual([alice.account, bob.account].sort())
      expect(bytesOf(bob.account)).toHaveLength(32)
      expect((await store.chats.overview(bob.account, device())).chats[0]?.member).toBeUndefined()
    })

    test("a closed account's self chat goes with it, shared ones stay for the others", async () => {
      const [alice, bob] = [await person(store), await person(store)]
      const own = await chat(alice, [], new Log(hashes))
      const shared = await chat(alice, [bob], new Log(hashes))
      const selfChat = { ...own, chat: chatId(), kind: 'self' as const }
      await store.chats.create(selfChat)
      await store.chats.forgetParty(alice.account)
      expect(await store.chats.load(selfChat.chat)).toBeUndefined()
      expect(await store.chats.load(shared.chat)).toBeDefined()
    })
  })
}
