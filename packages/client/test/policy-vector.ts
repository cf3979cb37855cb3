import type { Leaf } from '@quintet/crypto'
import { bytesOfHex, hexOf, parseAccountBytes, parseChatBytes, parseDeviceBytes } from '@quintet/domain'
import type { AccountState, DeviceRecord } from '@quintet/identity'
import type { CommitInput } from '../src/policy/commit-case.ts'

/** A commit case without TypeScript in it: bytes as hex, times in ms, lifetimes in seconds. */
export interface PolicyVector {
  readonly name: string
  readonly chat: string
  readonly atMs: number
  readonly accounts: readonly string[]
  readonly leaves: readonly VectorLeaf[]
  readonly commit: {
    readonly committer: VectorLeaf
    readonly external: boolean
    readonly aad: string
    readonly adds: readonly (VectorKeys & { readonly notBefore: number; readonly notAfter: number })[]
    readonly removes: readonly VectorLeaf[]
    readonly path: VectorKeys | null
    readonly policyBefore: string
    readonly policyAfter: string
    readonly unlisted: readonly string[]
  }
  readonly spentIntents: readonly string[]
  readonly verdict: string
}
interface VectorKeys {
  readonly credential: string
  readonly signatureKey: string
}
interface VectorLeaf extends VectorKeys {
  readonly index: number
}

/** What of a replayed log a judge reads. */
export interface VectorAccount {
  readonly account: string
  readonly position: number
  readonly head: string
  readonly headAtMs: number
  readonly closed: boolean
  readonly devices: readonly {
    readonly device: string
    readonly logKey: string
    readonly mlsKey: string
    readonly addedAt: number
    readonly removedAtMs: number | null
  }[]
}

export function writeAccount(state: AccountState): VectorAccount {
  return {
    account: state.account.slice(2),
    position: Number(state.head.position),
    head: hexOf(state.head.hash),
    headAtMs: state.headAtMs,
    closed: state.closed,
    devices: [...state.devices.values()].map((record) => ({
      device: record.device.slice(2),
      logKey: hexOf(record.logKey),
      mlsKey: hexOf(record.mlsKey),
      addedAt: Number(record.addedAt),
      removedAtMs: record.removedAtMs ?? null,
    })),
  }
}

function readAccount(vector: VectorAccount): AccountState {
  const records = vector.devices.map(({ device, logKey, mlsKey, addedAt, removedAtMs }): DeviceRecord => {
    const removed = removedAtMs === null ? undefined : { removedAt: 0n, removedAtMs }
    return {
      device: must(parseDeviceBytes(bytesOfHex(device))),
      kind: 'phone',
      logKey: bytesOfHex(logKey),
      mlsKey: bytesOfHex(mlsKey),
      authKey: new Uint8Array(32),
      sealKey: new Uint8Array(1216),
      addedAt: BigInt(addedAt),
      addedAtMs: 0,
      addedBy: 'genesis',
      manage: true,
      manageClaim: false,
      removedAt: removed?.removedAt,
      removedAtMs: removed?.removedAtMs,
    }
  })
  return {
    account: must(parseAccountBytes(bytesOfHex(vector.account))),
    head: { position: BigInt(vector.position), hash: bytesOfHex(vector.head) },
    headAtMs: vector.headAtMs,
    devices: new Map(records.map((record) => [record.device, record])),
    main: undefined,
    recovery: undefined,
    closed: vector.closed,
  }
}

const writeKeys = ({ credential, signatureKey }: Omit<Leaf, 'index'>): VectorKeys => ({
  credential: hexOf(credential),
  signatureKey: hexOf(signatureKey),
})
const writeLeaf = (leaf: Leaf): VectorLeaf => ({ index: leaf.index, ...writeKeys(leaf) })
const readKeys = ({ credential, signatureKey }: VectorKeys) => ({
  credential: bytesOfHex(credential),
  signatureKey: bytesOfHex(signatureKey),
})
const readLeaf = (leaf: VectorLeaf): Leaf => ({ index: leaf.index, ...readKeys(leaf) })

/** `accountNames` are those of `input.accounts` in the file's list. */
export function writeCase(
  name: string,
  verdict: string,
  input: CommitInput,
  accountNames: readonly string[],
): PolicyVector {
  const { commit } = input
  return {
    name,
    chat: input.chat.slice(2),
    atMs: input.atMs,
    accounts: accountNames,
    leaves: input.leaves.map(writeLeaf),
    commit: {
      committer: writeLeaf(commit.committer),
      external: commit.external,
      aad: hexOf(commit.aad),
      adds: commit.adds.map((leaf) => ({
        ...writeKeys(leaf),
        notBefore: Number(leaf.notBefore),
        notAfter: Number(leaf.notAfter),
      })),
      removes: commit.removes.map(writeLeaf),
      path: commit.path ? writeKeys(commit.path) : null,
      policyBefore: hexOf(commit.policyBefore),
      policyAfter: hexOf(commit.policyAfter),
      unlisted: commit.unlisted,
    },
    spentIntents: [...(input.spentIntents ?? [])],
    verdict,
  }
}

export function readCase(vector: PolicyVector, accounts: Readonly<Record<string, VectorAccount>>): CommitInput {
  const { commit } = vector
  const states = vector.accounts.map((name) => readAccount(must(accounts[name])))
  return {
    chat: must(parseChatBytes(bytesOfHex(vector.chat))),
    leaves: vector.leaves.map(readLeaf),
    commit: {
      committer: readLeaf(commit.committer),
      external: commit.external,
      aad: bytesOfHex(commit.aad),
      epoch: 8n,
      adds: commit.adds.map((leaf) => ({
        ...readKeys(leaf),
        notBefore: BigInt(leaf.notBefore),
        notAfter: BigInt(leaf.notAfter),
      })),
      removes: commit.removes.map(readLeaf),
      path: commit.path ? readKeys(commit.path) : undefined,
      policyBefore: bytesOfHex(commit.policyBefore),
      policyAfter: bytesOfHex(commit.policyAfter),
      unlisted: commit.unlisted,
      removesSelf: false,
    },
    accounts: new Map(states.map((state) => [state.account, state])),
    atMs: vector.atMs,
    spentIntents: new Set(vector.spentIntents),
  }
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the vectors are damaged')
  return value
}
