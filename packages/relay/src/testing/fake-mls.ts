import { bytesOf, type ChatId, concatBytes, type Credential, encodeCredential } from '@quintet/domain'
import { CommitAadSchema, create, policyExtension, toBinary } from '@quintet/wire'
import { opaque, u8, u16, u32, u64 } from './tls-writer.ts'

/** What a fake leaf is made of. */
export interface FakeLeaf {
  readonly credential: Credential
  readonly mlsKey: Uint8Array
}

const empty = new Uint8Array()
const noCapabilities = concatBytes(...Array.from({ length: 5 }, () => opaque()))

function leafNode({ credential, mlsKey }: FakeLeaf, source: Uint8Array): Uint8Array {
  const identity = concatBytes(u16(1), opaque(encodeCredential(credential)))
  return concatBytes(opaque(empty), opaque(mlsKey), identity, noCapabilities, source, opaque(), opaque(empty))
}

/** A key package as the relay reads it; `salt` makes it differ from others. */
export function fakeKeyPackage(leaf: FakeLeaf, suite: number, notAfter: bigint, salt = 0): Uint8Array {
  const source = concatBytes(u8(1), u64(0n), u64(notAfter))
  const body = concatBytes(u16(1), u16(suite), opaque(u32(salt)), leafNode(leaf, source), opaque(), opaque(empty))
  return concatBytes(u16(1), u16(5), body)
}

export interface FakeCommit {
  readonly chat: ChatId
  readonly epoch: bigint
  readonly sender: number | 'new'
  /** The committer, who has a path. */
  readonly committer: FakeLeaf
  readonly adds?: readonly { readonly leaf: FakeLeaf; readonly keyPackage: Uint8Array }[]
  readonly removes?: readonly { readonly index: number; readonly who: Credential }[]
  readonly policy?: Uint8Array
  /** Instead of what is true (R2). */
  readonly saysAdds?: readonly Credential[]
  readonly saysRemoves?: readonly Credential[]
  /** Of whom it says that they have long been away (C11). */
  readonly saysIdle?: readonly Credential[]
  readonly salt?: number
}

const names = (them: readonly Credential[]) =>
  them.map(({ account, device }) => ({ account: bytesOf(account), device: bytesOf(device) }))

/** A commit whose outside is that of a real one. */
export function fakeCommit(commit: FakeCommit): Uint8Array {
  const { sender, committer, adds = [], removes = [], policy } = commit
  const joiners = sender === 'new' ? [committer.credential] : adds.map(({ leaf }) => leaf.credential)
  const aad = toBinary(
    CommitAadSchema,
    create(CommitAadSchema, {
      commitId: u32(commit.salt ?? 0),
      adds: names(commit.saysAdds ?? joiners),
      removes: names(commit.saysRemoves ?? removes.map(({ who }) => who)),
      idle: (commit.saysIdle ?? []).map(({ device }) => bytesOf(device)),
    }),
  )
  const proposals = [
    ...removes.map(({ index }) => concatBytes(u8(1), u16(3), u32(index))),
    ...adds.map(({ keyPackage }) => concatBytes(u8(1), u16(1), keyPackage.subarray(4))),
    ...(policy ? [concatBytes(u8(1), u16(7), opaque(extension(policy)))] : []),
    ...(sender === 'new' ? [concatBytes(u8(1), u16(6), opaque(empty))] : []),
  ]
  const path = concatBytes(u8(1), leafNode(committer, concatBytes(u8(3), opaque())), opaque())
  return concatBytes(
    u16(1),
    u16(1),
    opaque(bytesOf(commit.chat)),
    u64(commit.epoch),
    sender === 'new' ? u8(4) : concatBytes(u8(1), u32(sender)),
    opaque(aad),
    u8(3),
    opaque(...proposals),
    path,
    opaque(empty),
    opaque(empty),
    ...(sender === 'new' ? [] : [opaque(empty)]),
  )
}

function extension(policy: Uint8Array): Uint8Array {
  return concatBytes(u16(policyExtension), opaque(policy))
}

export function fakeGroupInfo(chat: ChatId, suite: number, epoch: bigint, policy: Uint8Array): Uint8Array {
  const context = [u16(1), u16(suite), opaque(bytesOf(chat)), u64(epoch), opaque(), opaque(), opaque(extension(policy))]
  return concatBytes(u16(1), u16(4), ...context, opaque(), opaque(), u32(0), opaque())
}

export function fakeWelcome(suite: number, salt = 0): Uint8Array {
  return concatBytes(u16(1), u16(3), u16(suite), opaque(), opaque(u32(salt)))
}

export function fakeMessage(chat: ChatId, epoch: bigint, text: string): Uint8Array {
  const sealed = new TextEncoder().encode(text)
  const outside = [u16(1), u16(2), opaque(bytesOf(chat)), u64(epoch), u8(1), opaque(), opaque()]
  return concatBytes(...outside, opaque(sealed))
}
