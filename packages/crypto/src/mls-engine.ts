/**
 * The MLS port (RFC 9420): everything the client asks of an MLS engine, and nothing else.
 *
 * Synchronous on purpose: a call changes the loaded group and collects the state rows it changed;
 * the caller writes them, with plaintext and cursor, in one transaction (P5).
 */

/** `base` = 0x0001, `hybrid` = 0x004F (X2). The numbers of ours map to code points in the engine only. */
export type Suite = 'base' | 'hybrid'

/** Where the engine reads rows that it does not hold in memory. Keys are opaque, compact bytes. */
export interface EngineRows {
  read(key: Uint8Array): Uint8Array | undefined
}

/** The rows that the calls since the last `takeChanges` changed. `value` undefined = delete. */
export interface RowChange {
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
}

/** One leaf of a ratchet tree. `credential` is the BasicCredential's identity as received (C3). */
export interface Leaf {
  readonly index: number
  readonly credential: Uint8Array
  readonly signatureKey: Uint8Array
}

/** The public face of a group at one epoch. `policy` is the body of the `quintet.policy` extension (C1). */
export interface GroupView {
  readonly group: Uint8Array
  readonly suite: Suite
  readonly epoch: bigint
  readonly ownLeaf: number
  readonly leaves: readonly Leaf[]
  readonly policy: Uint8Array
  readonly treeHash: Uint8Array
  readonly confirmedTranscriptHash: Uint8Array
  readonly epochAuthenticator: Uint8Array
}

/** Everything one must know to judge a commit before merging it (C5). */
export interface StagedCommitView {
  /** The leaf of the committer; for an external commit the leaf that joins (its index not yet known to it: the new one). */
  readonly committer: Leaf
  readonly external: boolean
  readonly aad: Uint8Array
  /** The epoch that the commit leads to. */
  readonly epoch: bigint
  readonly adds: readonly AddedLeaf[]
  readonly removes: readonly Leaf[]
  /** The committer's leaf after its path, if the commit has one. */
  readonly path: { readonly credential: Uint8Array; readonly signatureKey: Uint8Array } | undefined
  readonly policyBefore: Uint8Array
  readonly policyAfter: Uint8Array
  /** Proposals that no rule admits: by reference, update, reinit, psk, external sender, custom, and others; by name. */
  readonly unlisted: readonly string[]
  /** True when this device's own leaf is removed by it. */
  readonly removesSelf: boolean
}

export interface AddedLeaf {
  readonly credential: Uint8Array
  readonly signatureKey: Uint8Array
  /** Unix seconds. */
  readonly notBefore: bigint
  readonly notAfter: bigint
}

export interface KeyPackage {
  readonly bytes: Uint8Array
  /** The KeyPackageRef (RFC 9420 5.2): names its private key in the engine. */
  readonly ref: Uint8Array
}

/** What a commit of one's own consists of; pending until `mergePending` or `clearPending`. */
export interface OwnCommit {
  readonly commit: Uint8Array
  /** Present iff it adds someone. */
  readonly welcome: Uint8Array | undefined
  /** GroupInfo of the epoch it leads to, with ratchet tree and external_pub, signed. */
  readonly groupInfo: Uint8Array
  readonly epoch: bigint
}

export interface CommitPlan {
  readonly addKeyPackages: readonly Uint8Array[]
  readonly removeLeaves: readonly number[]
  /** The new body of the `quintet.policy` extension; undefined = as it is. */
  readonly policy: Uint8Array | undefined
  readonly aad: Uint8Array
}

/** A message that was read. A commit is staged, not merged: judge it, then `mergeStaged` or `discardStaged`. */
export type Opened =
  | {
      readonly kind: 'application'
      readonly sender: Leaf
      readonly aad: Uint8Array
      readonly plaintext: Uint8Array
      readonly epoch: bigint
    }
  | { readonly kind: 'commit'; readonly staged: number; readonly view: StagedCommitView }

export interface JoinView extends GroupView {
  /** The leaf that signed the GroupInfo. */
  readonly signer: Leaf
}

/** Whose fault, and what the caller can do. Never contains message bytes. */
export type MlsErrorCode =
  | 'malformed' // bytes that are no MLS message
  | 'wrong-group'
  | 'wrong-epoch'
  | 'unknown-group' // no such state here
  | 'replayed' // generation or key already used
  | 'too-far' // generation beyond the forward distance (P1)
  | 'not-a-member' // we were removed, or the sender is no leaf
  | 'bad-signature'
  | 'bad-confirmation' // confirmation tag or path secret does not fit: this device alone may be damaged (C12)
  | 'refused-proposal'
  | 'key-package-invalid' // to be added: expired, wrong suite, bad signature
  | 'key-package-used' // the Welcome's init key is gone (K5)
  | 'group-exists'
  | 'pending-commit' // a commit of one's own waits for its fate
  | 'own-message' // one's own message came back
  | 'state-damaged' // stored rows do not decode, or are not those of this device's place in the group
  | 'engine' // anything else, a caught panic included

export class MlsError extends Error {
  override readonly name = 'MlsError'
  readonly code: MlsErrorCode
  constructor(code: MlsErrorCode, detail: string) {
    super(`${code}: ${detail}`)
    this.code = code
  }
}

/**
 * One device's engine. All methods throw `MlsError`. A call that throws has changed nothing; what the
 * calls before it collected still stands, unless the code is `engine`: then roll back and `reloadAll`.
 */
export interface MlsEngine {
  /** Makes the device's one signature key for life (D4), kept in the rows. Returns its public key (Ed25519, 32 bytes). */
  createSigner(): Uint8Array
  /** Names the signer and credential for all later calls. */
  useIdentity(signatureKey: Uint8Array, credential: Uint8Array): void

  createKeyPackages(suite: Suite, count: number, lifetimeSeconds: bigint, lastResort: boolean): readonly KeyPackage[]
  /** Erases private keys of key packages that will never be used (K1, K4). Unknown refs are ignored. */
  forgetKeyPackages(refs: readonly Uint8Array[]): void
  /** Reads a key package without using it, signature checked: its credential, key, suite and lifetime. */
  inspectKeyPackage(bytes: Uint8Array): AddedLeaf & { readonly suite: Suite; readonly lastResort: boolean }

  /** A new group at epoch 0 with oneself as leaf 0. */
  createGroup(group: Uint8Array, suite: Suite, policy: Uint8Array): GroupView
  /** Builds a commit with proposals by value; it stays pending. An empty plan is an update of one's own leaf. */
  commit(group: Uint8Array, plan: CommitPlan): OwnCommit
  mergePending(group: Uint8Array): GroupView
  clearPending(group: Uint8Array): void
  hasPending(group: Uint8Array): boolean

  encrypt(group: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array
  /**
   * Opens a message of the current epoch. An application message's key is gone afterwards.
   *
   * `at` (Unix seconds, default now) is when added key packages must be in lifetime: pass the relay's
   * time of the entry, or a device that was away long refuses what was in order then (C10).
   */
  open(group: Uint8Array, message: Uint8Array, at?: bigint): Opened
  mergeStaged(group: Uint8Array, staged: number): GroupView
  discardStaged(group: Uint8Array, staged: number): void

  /** Stages a join by Welcome in memory; `acceptJoin` stores it (and erases the init key unless last-resort), `discardJoin` leaves all as it was. */
  stageWelcome(welcome: Uint8Array): { readonly staged: number; readonly view: JoinView }
  acceptJoin(staged: number): GroupView
  discardJoin(staged: number): void
  /** Which of our key packages (refs) this Welcome addresses; empty = not for us. Needs no private key. */
  welcomeRefs(welcome: Uint8Array): readonly Uint8Array[]

  /**
   * External commit (RFC 9420 12.4.3.2) built in the scratch namespace of that group: the live state, if any, is untouched.
   * An old leaf with our signature key is removed by it (resync).
   * `replaceByScratch` makes it the live state, `dropScratch` forgets it; both may come after a restart.
   */
  joinExternal(groupInfo: Uint8Array, aad: Uint8Array): { readonly commit: OwnCommit; readonly view: GroupView }
  replaceByScratch(group: Uint8Array): GroupView
  dropScratch(group: Uint8Array): void
  /** What a GroupInfo says of its group (signature by `signer` and tree checked), joining nothing. */
  inspectGroupInfo(groupInfo: Uint8Array): Omit<JoinView, 'ownLeaf' | 'epochAuthenticator'>

  view(group: Uint8Array): GroupView | undefined
  groupInfo(group: Uint8Array): Uint8Array
  exportSecret(group: Uint8Array, label: string, context: Uint8Array, length: number): Uint8Array
  /** The own sender ratchet's next generation in this epoch (P2). */
  ownGeneration(group: Uint8Array): number
  /** Erases all state of the group. */
  deleteGroup(group: Uint8Array): void

  /** Hands out the rows changed since the last call; the caller writes them in its transaction. */
  takeChanges(): readonly RowChange[]
  /** The caller's transaction failed, or a call threw: forget changes not taken and the loaded copy, read it anew from rows. */
  reload(group: Uint8Array): void
  reloadAll(): void
  /** Bytes of loaded groups, and the bound above which the least recently used is let go (it stays in the rows). */
  readonly loadedBytes: number
}
