import * as readAccounts from './read-accounts.ts'
import * as readChats from './read-chats.ts'
import { readOverview } from './read-overview.ts'
import * as writeAccounts from './write-accounts.ts'
import * as writeChats from './write-chats.ts'
import * as writeRegisters from './write-registers.ts'
import * as writeTrims from './write-trims.ts'

/** What the writing thread can do; each is one transaction, or part of a batch of them. */
export const writeOperations = {
  createAccount: writeAccounts.createAccount,
  extendLog: writeAccounts.extendLog,
  putStatement: writeAccounts.putStatement,
  setHandle: writeAccounts.setHandle,
  setSuspended: writeAccounts.setSuspended,
  putKeyPackages: writeAccounts.putKeyPackages,
  forgetKeyPackages: writeAccounts.forgetKeyPackages,
  takeKeyPackages: writeAccounts.takeKeyPackages,
  putKitBlob: writeAccounts.putKitBlob,
  saveSeen: writeAccounts.saveSeen,
  claimHandle: writeRegisters.claimHandle,
  releaseHandle: writeRegisters.releaseHandle,
  createInvite: writeRegisters.createInvite,
  useInvite: writeRegisters.useInvite,
  giveBackInvite: writeRegisters.giveBackInvite,
  revokeInvite: writeRegisters.revokeInvite,
  setSetting: writeRegisters.setSetting,
  createChat: writeChats.createChat,
  appendEntry: writeChats.appendEntry,
  commitChange: writeChats.commitChange,
  addIntent: writeChats.addIntent,
  setDelivered: writeChats.setDelivered,
  saveCursors: writeChats.saveCursors,
  beginTrims: writeTrims.beginTrims,
  forgetEntries: writeTrims.forgetEntries,
  expireEntries: writeTrims.expireEntries,
  forgetParty: writeChats.forgetParty,
} as const

/** What the reading thread can do; each sees one moment of the database. */
export const readOperations = {
  loadAccount: readAccounts.loadAccount,
  readLog: readAccounts.readLog,
  readHandles: readAccounts.readHandles,
  readStock: readAccounts.readStock,
  readKitBlob: readAccounts.readKitBlob,
  readSeen: readAccounts.readSeen,
  readSummary: readAccounts.readSummary,
  countAccounts: readAccounts.countAccounts,
  readSuspended: readAccounts.readSuspended,
  findHandle: readAccounts.findHandle,
  listInvites: readAccounts.listInvites,
  readSetting: readAccounts.readSetting,
  readSettings: readAccounts.readSettings,
  loadChat: readChats.loadChat,
  readPage: readChats.readPage,
  findEntry: readChats.findEntry,
  readJoinFacts: readChats.readJoinFacts,
  readWelcome: readChats.readWelcome,
  readSharers: readChats.readSharers,
  countChats: readChats.countChats,
  readOverview,
} as const

type Argument<Operation> = Operation extends (context: never, argument: infer A) => unknown ? A : undefined
type Result<Operation> = Operation extends (...parts: never[]) => infer R ? R : never

export type WriteName = keyof typeof writeOperations
export type WriteArgument<K extends WriteName> = Argument<(typeof writeOperations)[K]>
export type WriteResult<K extends WriteName> = Result<(typeof writeOperations)[K]>
export type ReadName = keyof typeof readOperations
export type ReadArgument<K extends ReadName> = Argument<(typeof readOperations)[K]>
export type ReadResult<K extends ReadName> = Result<(typeof readOperations)[K]>

/** One call as it goes to a thread. The types hold because both ends are this file. */
export interface Call {
  readonly name: string
  readonly argument: unknown
}

/** What comes back for each call. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false
      readonly code: 'conflict' | 'full' | 'unavailable'
      readonly detail: string
      readonly damaged?: true
    }
