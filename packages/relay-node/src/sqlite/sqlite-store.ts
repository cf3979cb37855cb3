import { statSync } from 'node:fs'
import type { RelayStore } from '@quintet/relay'
import type { AccountId } from '@quintet/domain'
import { type DatabaseOptions, freeUnusedHandles, migrate, openForWriting } from './open-database.ts'
import { Housekeeping } from './housekeeping.ts'
import { unpackPage } from './read-chats.ts'
import { checkSound } from './soundness.ts'
import { ReadThread, WriteThread } from './threads.ts'

export interface StoreOptions extends DatabaseOptions {
  /** By the relay that holds the folder, not by a command beside it. */
  readonly serving?: boolean
  /**
   * A thread of the store ended by itself, and it will refuse everything from now on; or it met damaged data, and the
   * error is a DamagedDataError. May be called several times.
   */
  readonly onBroken?: (error: unknown) => void
}

/** Up to here it takes less than 0.1 s to look at all of a database. */
export const checkedAtStartBytes = 16 * 1024 * 1024

/** 0 where there is none. */
export function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

export interface SqliteStore extends RelayStore {
  readonly suspended: () => Promise<readonly AccountId[]>
}

/**
 * The embedded store: one SQLite file, written by one thread with group commit, read by another, so that a flush
 * never stops the sockets. Throws NewerDataError for data of a newer version, DamagedDataError where a look at the
 * whole of a small database finds it unsound: both before anything is written.
 */
export function openSqliteStore(file: string, options: StoreOptions = {}): SqliteStore {
  if (options.serving && sizeOf(file) > 0 && sizeOf(file) <= checkedAtStartBytes) checkSound(file)
  const db = openForWriting(file)
  try {
    migrate(db)
    if (options.serving) freeUnusedHandles(db)
  } finally {
    db.close()
  }
  const { onBroken = () => {} } = options
  const writer = new WriteThread(file, options.maxPages, onBroken)
  const reader = new ReadThread(file, onBroken)
  const later = new Housekeeping(writer)
  return {
    accounts: {
      load: (account) => reader.read('loadAccount', { account }),
      create: (account) => writer.write('createAccount', account),
      extend: (extension) => writer.write('extendLog', extension),
      log: (account, from) => reader.read('readLog', { account, from }),
      putStatement: (account, device, statement) => writer.write('putStatement', { account, device, statement }),
      setHandle: (account, handle) => writer.write('setHandle', { account, handle }),
      handlesOf: (accounts) => reader.read('readHandles', { accounts }),
      setSuspended: (account, suspended) => writer.write('setSuspended', { account, suspended }),
      putKeyPackages: (upload) => writer.write('putKeyPackages', upload),
      takeKeyPackages: (account, devices, suite, nowMs) =>
        writer.write('takeKeyPackages', { account, devices, suite, nowMs }),
      forgetKeyPackages: () => writer.write('forgetKeyPackages', undefined),
      stock: (device, suite) => reader.read('readStock', { device, suite }),
      putKitBlob: (account, blob, atMs) => writer.write('putKitBlob', { account, blob, atMs }),
      kitBlob: (account) => reader.read('readKitBlob', { account }),
      saveSeen: (seen) => later.saveSeen(seen),
      seen: (account) => reader.read('readSeen', { account }),
      summary: (account) => reader.read('readSummary', { account }),
      count: () => reader.read('countAccounts', undefined),
    },
    chats: {
      load: (chat) => reader.read('loadChat', { chat }),
      create: (chat) => writer.write('createChat', chat),
      append: (chat, entry) => writer.append({ chat, entry }),
      commit: (change) => writer.write('commitChange', change),
      page: async (request) => {
        const page = await reader.read('readPage', request)
        return page && unpackPage(page)
      },
      find: (chat, device, n) => reader.read('findEntry', { chat, device, n }),
      joinFacts: (chat) => reader.read('readJoinFacts', { chat }),
      welcome: (chat, device) => reader.read('readWelcome', { chat, device }),
      addIntent: (chat, intent) => writer.write('addIntent', { chat, intent }),
      setDelivered: (chat, account, on) => writer.write('setDelivered', { chat, account, on }),
      saveCursors: (cursors, progress) => later.saveCursors(cursors, progress),
      trim: (chat, seq) => later.trim({ chat, seq }),
      expire: (atMs, limit, nowMs) => writer.later('expireEntries', { atMs, limit, nowMs }, limit),
      forgetParty: (account) => writer.write('forgetParty', { account }),
      overview: (account, device) => reader.read('readOverview', { account, device }),
      sharers: (account) => reader.read('readSharers', { account }),
      count: () => reader.read('countChats', undefined),
    },
    handles: {
      claim: (handle, account, nowMs) => writer.write('claimHandle', { handle, account, nowMs }),
      release: (handle, account, freeAtMs) => writer.write('releaseHandle', { handle, account, freeAtMs }),
      find: (handle) => reader.read('findHandle', { handle }),
    },
    invites: {
      create: (invite) => writer.write('createInvite', invite),
      use: (code, nowMs) => writer.write('useInvite', { code, nowMs }),
      giveBack: (code) => writer.write('giveBackInvite', { code }),
      list: () => reader.read('listInvites', undefined),
      revoke: (code) => writer.write('revokeInvite', { code }),
    },
    settings: {
      get: (key) => reader.read('readSetting', { key }),
      set: (key, value) => writer.write('setSetting', { key, value }),
      all: () => reader.read('readSettings', undefined),
    },
    suspended: () => reader.read('readSuspended', undefined),
    flushed: () => writer.flushed(),
    async close() {
      await writer.flushed()
      // The one that closes last writes the database's log into the database, which only a writer can.
      await reader.close()
      await writer.close()
    },
  }
}
