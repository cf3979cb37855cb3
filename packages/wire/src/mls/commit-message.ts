import { expectMessage, type KeyPackageView, readKeyPackageBody, wireFormats } from './key-package.ts'
import { type Extension, type LeafNode, readExtension, readLeafNode } from './leaf-node.ts'
import { TlsReader } from './tls-reader.ts'

/** A commit as everyone on the way may read it: a PublicMessage (C4). Signatures and tags are left to the members. */
export interface CommitView {
  readonly group: Uint8Array
  readonly epoch: bigint
  /** The committing member's leaf, or `new` for an external commit. */
  readonly sender: number | 'new'
  readonly aad: Uint8Array
  readonly adds: readonly KeyPackageView[]
  /** Leaf indexes, in order. */
  readonly removes: readonly number[]
  /** The new group context's extensions, if the commit changes them. */
  readonly extensions: readonly Extension[] | undefined
  /** The committer's new leaf, if the commit has a path. */
  readonly path: LeafNode | undefined
}

type Proposal =
  | { readonly kind: 'add'; readonly keyPackage: KeyPackageView }
  | { readonly kind: 'remove'; readonly leaf: number }
  | { readonly kind: 'external-init' }
  | { readonly kind: 'extensions'; readonly extensions: readonly Extension[] }

/** Reads one commit; throws MlsFormatError on anything else, every proposal that C4 does not admit included. */
export function readCommit(bytes: Uint8Array): CommitView {
  const reader = new TlsReader(bytes)
  expectMessage(reader, wireFormats.publicMessage)
  const group = reader.opaque()
  const epoch = reader.u64()
  const sender = readSender(reader)
  const aad = reader.opaque()
  if (reader.u8() !== 3) reader.fail('no commit')
  const proposals = reader.vector(readProposal)
  const path = readOptional(reader, readUpdatePath)
  reader.opaque() // signature
  reader.opaque() // confirmation_tag
  if (sender !== 'new') reader.opaque() // membership_tag
  reader.end()
  return { group, epoch, sender, aad, path, ...sorted(reader, proposals, sender === 'new') }
}

function readSender(reader: TlsReader): number | 'new' {
  switch (reader.u8()) {
    case 1:
      return reader.u32()
    case 4:
      return 'new'
  }
  return reader.fail('sender who may not commit')
}

function readProposal(reader: TlsReader): Proposal {
  if (reader.u8() !== 1) reader.fail('proposal by reference')
  switch (reader.u16()) {
    case 1:
      return { kind: 'add', keyPackage: readKeyPackageBody(reader) }
    case 3:
      return { kind: 'remove', leaf: reader.u32() }
    case 6:
      reader.opaque() // kem_output
      return { kind: 'external-init' }
    case 7:
      return { kind: 'extensions', extensions: reader.vector(readExtension) }
  }
  return reader.fail('proposal that no rule admits')
}

function sorted(
  reader: TlsReader,
  proposals: readonly Proposal[],
  external: boolean,
): Pick<CommitView, 'adds' | 'removes' | 'extensions'> {
  const adds: KeyPackageView[] = []
  const removes: number[] = []
  let extensions: readonly Extension[] | undefined
  let inits = 0
  for (const proposal of proposals) {
    switch (proposal.kind) {
      case 'add':
        adds.push(proposal.keyPackage)
        break
      case 'remove':
        removes.push(proposal.leaf)
        break
      case 'external-init':
        inits++
        break
      case 'extensions':
        if (extensions !== undefined) reader.fail('two changes of the group context')
        extensions = proposal.extensions
        break
    }
  }
  if (inits !== (external ? 1 : 0)) reader.fail('external init out of place')
  return { adds, removes, extensions }
}

function readOptional<T>(reader: TlsReader, read: (reader: TlsReader) => T): T | undefined {
  switch (reader.u8()) {
    case 0:
      return undefined
    case 1:
      return read(reader)
  }
  return reader.fail('optional of unknown form')
}

function readUpdatePath(reader: TlsReader): LeafNode {
  const leaf = readLeafNode(reader)
  reader.vector((node) => {
    node.opaque() // encryption_key
    node.vector((sealed) => {
      sealed.opaque() // kem_output
      sealed.opaque() // ciphertext
    })
  })
  return leaf
}
