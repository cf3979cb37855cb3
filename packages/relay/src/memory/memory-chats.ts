import type { AccountId, ChatId, DeviceId } from '@quintet/domain'
import type {
  ChatStore,
  NewEntry,
  StoredChat,
  StoredEntry,
  StoredIntent,
  StoredMember,
  StoredParty,
} from '../ports/chat-store.ts'
import { StoreError } from '../ports/store.ts'

interface ChatRow {
  readonly chat: ChatId
  readonly kind: StoredChat['kind']
  readonly suite: number
  epoch: number
  headSeq: number
  headAtMs: number
  headHash: Uint8Array
  policy: Uint8Array
  groupInfo: Uint8Array
  trimmedSeq: number
  entries: StoredEntry[]
  readonly members: Map<DeviceId, StoredMember>
  readonly parties: Map<AccountId, StoredParty>
  readonly intents: Map<AccountId, StoredIntent>
  readonly welcomes: Map<number, { readonly welcome: Uint8Array; readonly epoch: number; readonly hash: Uint8Array }>
}

type HeadOf = (account: AccountId) => { readonly position: number; readonly hash: Uint8Array } | undefined

function take(row: ChatRow, entry: NewEntry): void {
  row.entries.push(entry)
  row.headSeq = entry.seq
  row.headAtMs = entry.atMs
  row.headHash = entry.hash
}

const byLeaf = (a: StoredMember, b: StoredMember): number => (a.leaf ?? 0) - (b.leaf ?? 0)

export interface MemoryChats extends ChatStore {
  copy(headOf: HeadOf): MemoryChats
}

/** The port's semantics in plain maps; `headOf` looks into the accounts beside it. */
export function memoryChats(headOf: HeadOf, rows = new Map<ChatId, ChatRow>()): MemoryChats {
  const there = (chat: ChatId): ChatRow => {
    const row = rows.get(chat)
    if (!row) throw new StoreError('conflict', 'no such chat')
    return row
  }
  const chatsOf = (account: AccountId): ChatRow[] => [...rows.values()].filter((row) => row.parties.has(account))
  const sharers = (account: AccountId): AccountId[] => {
    const all = new Set(chatsOf(account).flatMap((row) => [...row.parties.keys()]))
    all.delete(account)
    return [...all]
  }
  return {
    copy: (headOfCopy) => memoryChats(headOfCopy, structuredClone(rows)),
    async load(chat) {
      const row = rows.get(chat)
      if (!row) return undefined
      const content = row.entries.filter((entry) => entry.content).map(({ seq, device }) => ({ seq, device }))
      const lists = { members: [...row.members.values()], parties: [...row.parties.values()] }
      return { ...row, ...lists, intents: [...row.intents.values()], content }
    },
    async create({ chat, kind, suite, policy, members, parties, entry, groupInfo, welcome }) {
      if (rows.has(chat)) throw new StoreError('conflict', 'chat')
      const row: ChatRow = {
        chat,
        kind,
        suite,
        epoch: 1,
        headSeq: 0,
        headAtMs: 0,
        headHash: entry.hashBefore,
        policy,
        groupInfo,
        trimmedSeq: 0,
        entries: [],
        members: new Map(members.map((member) => [member.device, member])),
        parties: new Map(parties.map((party) => [party.account, party])),
        intents: new Map(),
        welcomes: new Map(),
      }
      take(row, entry)
      if (welcome) row.welcomes.set(entry.seq, { welcome, epoch: 1, hash: entry.hash })
      rows.set(chat, row)
    },
    async append(chat, entry) {
      const row = there(chat)
      if (entry.seq !== row.headSeq + 1) throw new StoreError('conflict', 'seq')
      take(row, entry)
      const member = row.members.get(entry.device)
      if (!member) return
      const digest = { nSeq: entry.seq, nAtMs: entry.atMs, nDigest: entry.digest }
      row.members.set(entry.device, { ...member, n: entry.n, ...digest })
    },
    async commit({ chat, entry, groupInfo, welcome, policy, members, partiesAdded, partiesRemoved }) {
      const row = there(chat)
      if (entry.seq !== row.headSeq + 1 || entry.epoch !== row.epoch) throw new StoreError('conflict', 'epoch')
      take(row, entry)
      row.epoch = entry.epoch + 1
      row.groupInfo = groupInfo
      if (policy) row.policy = policy
      if (welcome) row.welcomes.set(entry.seq, { welcome, epoch: row.epoch, hash: entry.hash })
      for (const member of members) row.members.set(member.device, member)
      for (const party of partiesAdded) row.parties.set(party.account, party)
      for (const account of partiesRemoved) {
        row.parties.delete(account)
        row.intents.delete(account)
      }
    },
    async page({ chat, after, limit, maxBytes, commitsOnly }) {
      const row = rows.get(chat)
      if (!row) return undefined
      const waiting = row.entries.filter((entry) => entry.seq > after && (!commitsOnly || entry.kind === 'commit'))
      const entries: StoredEntry[] = []
      let bytes = 0
      for (const entry of waiting.slice(0, limit)) {
        bytes += entry.message.length
        if (bytes > maxBytes && entries.length > 0) break
        entries.push(entry)
      }
      const { headSeq, headAtMs, headHash } = row
      return { entries, complete: entries.length === waiting.length, headSeq, headAtMs, headHash }
    },
    async find(chat, device, n) {
      return rows.get(chat)?.entries.find((entry) => entry.device === device && entry.n === n && n > 0)
    },
    async joinFacts(chat) {
      const row = rows.get(chat)
      if (!row) return undefined
      const roster = [...row.members.values()].filter(({ leaf }) => leaf !== undefined).sort(byLeaf)
      const { groupInfo, epoch, headSeq, headHash } = row
      return { groupInfo, epoch, headSeq, headHash, roster, intents: [...row.intents.values()] }
    },
    async welcome(chat, device) {
      const seq = rows.get(chat)?.members.get(device)?.welcomeSeq
      const kept = seq === undefined ? undefined : rows.get(chat)?.welcomes.get(seq)
      return kept && seq !== undefined ? { ...kept, seq } : undefined
    },
    async addIntent(chat, intent) {
      there(chat).intents.set(intent.account, intent)
    },
    async setDelivered(chat, account, on) {
      const row = there(chat)
      const party = row.parties.get(account)
      if (party) row.parties.set(account, { ...party, deliveredOn: on })
    },
    async saveCursors(cursors, progress) {
      for (const { chat, device, cursor, welcomed } of cursors) {
        const member = rows.get(chat)?.members.get(device)
        if (!member) continue
        const welcomeSeq = welcomed && (member.welcomeSeq ?? 0) <= cursor ? undefined : member.welcomeSeq
        rows.get(chat)?.members.set(device, { ...member, cursor: Math.max(cursor, member.cursor), welcomeSeq })
      }
      for (const { chat, account, deliveredSeq } of progress) {
        const party = rows.get(chat)?.parties.get(account)
        if (party) rows.get(chat)?.parties.set(account, { ...party, deliveredSeq })
      }
    },
    async trim(chat, seq) {
      const row = rows.get(chat)
      if (!row) return 0
      const before = row.entries.length
      row.entries = row.entries.filter((entry) => entry.seq > seq || entry.kind === 'commit')
      row.trimmedSeq = Math.max(row.trimmedSeq, seq)
      return before - row.entries.length
    },
    async expire(atMs, limit) {
      let gone = 0
      for (const row of rows.values()) {
        const old = row.entries.filter((entry) => entry.atMs < atMs).slice(0, limit - gone)
        row.entries = row.entries.slice(old.length)
        gone += old.length
        for (const { seq } of old) row.welcomes.delete(seq)
      }
      return gone
    },
    async forgetParty(account) {
      for (const row of chatsOf(account)) if (row.kind === 'self') rows.delete(row.chat)
    },
    async overview(account, device) {
      const chats = chatsOf(account).map((row) => ({
        chat: row.chat,
        kind: row.kind,
        epoch: row.epoch,
        headSeq: row.headSeq,
        headAtMs: row.headAtMs,
        member: row.members.get(device),
        parties: [...row.parties.values()],
        intents: [...row.intents.values()],
      }))
      const heads = [account, ...sharers(account)].flatMap((each) => {
        const head = headOf(each)
        return head ? [{ account: each, ...head }] : []
      })
      return { chats, heads }
    },
    async sharers(account) {
      return sharers(account)
    },
    async count() {
      return { chats: rows.size, entries: [...rows.values()].reduce((sum, row) => sum + row.entries.length, 0) }
    },
  }
}
