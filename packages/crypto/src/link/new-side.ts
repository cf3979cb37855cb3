import { type AccountId, parseAccountBytes, sameBytes } from '@quintet/domain'
import {
  type AccountState,
  checkPin,
  type DeviceIdentity,
  type DeviceStatement,
  deviceKeysOf,
  entryHash,
  type LogHead,
  mayManage,
  parseLogBody,
  replayLog,
  type SignFn,
  signBody,
  signStatement,
} from '@quintet/identity'
import {
  type Bootstrap,
  BootstrapSchema,
  fromBinary,
  type LinkHello,
  type LinkSealed,
  type LogEntry,
} from '@quintet/wire'
import { newSealKeyPair, type SealKeyPair } from '../seal.ts'
import { linkWords, type RandomBytes } from './link-words.ts'
import { encodeMessage, type KnownMessage } from './message.ts'
import { type LinkOffer, offerCommitment } from './offer.ts'
import { openBootstrap, openDraft } from './sealed-message.ts'
import { type CommonEffect, type CommonInput, common, type Ended, end } from './step.ts'
import { transcriptHash } from './transcript.ts'

/** Drafts per offer (L5). */
export const maxDrafts = 3

/** The new device before it has an account. */
export interface NewSideSetup {
  readonly relay: string
  readonly identity: DeviceIdentity
  readonly signLog: SignFn
  readonly statement: Omit<DeviceStatement, 'account' | 'device'>
  readonly platform: string
  readonly name: string
  readonly random: RandomBytes
}

export type NewSideInput =
  | CommonInput
  | { readonly kind: 'log'; readonly entries: readonly LogEntry[] }
  /** The person saw the same words, and the account is theirs (L4). */
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'refused' }
  /** The bootstrap is imported, key packages are up. */
  | { readonly kind: 'ready' }

export type NewSideEffect =
  | CommonEffect
  | { readonly kind: 'ask'; readonly words: readonly string[]; readonly account: AccountId; readonly handle: string }
  /** The device is listed: become it, import in one transaction, authenticate, upload key packages, then `ready`. */
  | {
      readonly kind: 'import'
      readonly state: AccountState
      readonly entries: readonly LogEntry[]
      readonly bootstrap: Bootstrap
    }
  | { readonly kind: 'done' }

interface Secrets {
  readonly setup: NewSideSetup
  readonly offer: LinkOffer
  readonly pair: SealKeyPair
  readonly rN: Uint8Array
}
interface Met extends Secrets {
  readonly account: AccountId
  readonly handle: string
  /** The newest head that this side knows of the account: no log may fall behind it. */
  readonly pinned: LogHead
  readonly words: readonly string[]
  readonly transcript: Uint8Array
}
interface Known extends Met {
  readonly log: AccountState
  readonly countersigned: readonly Uint8Array[]
}

export type NewSide =
  | (Secrets & { readonly stage: 'waiting-hello' })
  | (Met & { readonly stage: 'checking-account' })
  | (Known & { readonly stage: 'asking' })
  | (Known & { readonly stage: 'waiting-draft' })
  | (Known & { readonly stage: 'waiting-bootstrap' })
  | (Known & { readonly stage: 'checking-draft'; readonly body: Uint8Array })
  | (Known & { readonly stage: 'checking-bootstrap'; readonly sealed: LinkSealed })
  | { readonly stage: 'importing' | 'done' }
  | Ended

export interface NewSideStep {
  readonly state: NewSide
  readonly effects: readonly NewSideEffect[]
}

/** Makes the one-time key and the offer that commits to it (L1). Open it at the relay, then feed `stepNewSide`. */
export function startNewSide(setup: NewSideSetup): { readonly state: NewSide; readonly offer: LinkOffer } {
  const pair = newSealKeyPair(setup.random.bytes(32))
  const rN = setup.random.bytes(32)
  const commit = offerCommitment(pair.publicKey, rN)
  const offer: LinkOffer = { offer: setup.random.bytes(16), commit, relay: setup.relay }
  return { state: { stage: 'waiting-hello', setup, offer, pair, rN }, offer }
}

/**
 * Advances the new device's side by one input (L2-L8).
 *
 * No I/O: carry out the effects in order. Whatever does not belong at this point ends the offer, since only a relay or
 * an approver that lies would send it. One step at a time: wait for each before the next.
 */
export async function stepNewSide(state: NewSide, input: NewSideInput): Promise<NewSideStep> {
  if (state.stage === 'ended' || state.stage === 'done') return { state, effects: [] }
  switch (input.kind) {
    case 'message':
    case 'expired':
    case 'tampered': {
      const met = common(input)
      return 'effects' in met ? met : onMessage(state, met, input.kind === 'message' ? input.bytes : new Uint8Array())
    }
    case 'log':
      return onLog(state, input.entries)
    case 'confirmed': {
      if (state.stage !== 'asking') return end('fault')
      const message = encodeMessage({ case: 'confirmed', value: {} })
      return { state: { ...state, stage: 'waiting-draft' }, effects: [{ kind: 'send', message }] }
    }
    case 'refused':
      return end('refused')
    case 'ready': {
      if (state.stage !== 'importing') return end('fault')
      return {
        state: { stage: 'done' },
        effects: [{ kind: 'send', message: encodeMessage({ case: 'ready', value: {} }) }, { kind: 'done' }],
      }
    }
  }
}

async function onMessage(state: NewSide, message: KnownMessage, bytes: Uint8Array): Promise<NewSideStep> {
  if (state.stage === 'waiting-hello' && message.case === 'hello') return meet(state, message.value, bytes)
  if (state.stage !== 'waiting-draft' && state.stage !== 'waiting-bootstrap') return end('fault')
  if (message.case === 'draft' && state.countersigned.length < maxDrafts) {
    const body = await openDraft(state.pair.privateKey, state.transcript, message.value)
    return body === undefined ? end('fault') : considerDraft(state, body, 'fetch-if-behind')
  }
  if (state.stage === 'waiting-bootstrap' && message.case === 'bootstrap') {
    const { account } = state
    const next = { ...state, stage: 'checking-bootstrap', sealed: message.value } as const
    return { state: next, effects: [{ kind: 'fetch-log', account }] }
  }
  return end('fault')
}

/** Hello is fixed: only now is anything revealed (L2). */
async function meet(state: Secrets, hello: LinkHello, helloBytes: Uint8Array): Promise<NewSideStep> {
  const account = parseAccountBytes(hello.account)
  const { head, handle } = hello
  if (account === undefined || hello.pkA.length !== 1216 || head?.hash.length !== 32) return end('fault')
  const { setup, offer, pair, rN } = state
  const statement = await signStatement({ ...setup.statement, account, device: setup.identity.device }, setup.signLog)
  const reveal = encodeMessage({
    case: 'reveal',
    value: {
      pkN: pair.publicKey,
      rN,
      keys: deviceKeysOf(setup.identity),
      statement,
      platform: setup.platform,
      name: setup.name,
    },
  })
  const words = linkWords(offer.offer, offer.commit, helloBytes, reveal)
  const transcript = transcriptHash(offer.offer, offer.commit, helloBytes, reveal)
  const met: Met = { ...state, account, handle, pinned: head, words, transcript }
  const effects = [{ kind: 'send', message: reveal } as const, { kind: 'fetch-log', account } as const]
  return { state: { ...met, stage: 'checking-account' }, effects }
}

async function onLog(state: NewSide, entries: readonly LogEntry[]): Promise<NewSideStep> {
  if (state.stage !== 'checking-account' && state.stage !== 'checking-draft' && state.stage !== 'checking-bootstrap') {
    return end('fault')
  }
  const { state: log, fault } = replayLog(entries, { account: state.account })
  if (log === undefined || fault !== undefined || log.closed || checkPin(state.pinned, entries) !== 'extends') {
    return end('fault')
  }
  if (state.stage === 'checking-bootstrap') return importBootstrap(state, log, entries)
  if (state.stage === 'checking-draft') {
    return considerDraft({ ...state, log, pinned: log.head, stage: 'waiting-draft' }, state.body, 'must-fit')
  }
  const { words, account, handle } = state
  const known = { ...state, log, pinned: log.head, countersigned: [], stage: 'asking' } as const
  return { state: known, effects: [{ kind: 'ask', words, account, handle }] }
}

/** Countersigns a body that adds exactly this device, right after the newest head, by one who may (L5). */
async function considerDraft(
  state: Known & { readonly stage: 'waiting-draft' | 'waiting-bootstrap' },
  body: Uint8Array,
  behind: 'fetch-if-behind' | 'must-fit',
): Promise<NewSideStep> {
  if (!fitsLog(body, state.log)) {
    if (behind === 'must-fit') return end('fault')
    const { account } = state
    return { state: { ...state, stage: 'checking-draft', body }, effects: [{ kind: 'fetch-log', account }] }
  }
  if (!addsExactly(body, state.setup.identity, state.log)) return end('fault')
  const countersignature = await signBody(body, state.setup.signLog)
  const message = encodeMessage({ case: 'countersignature', value: { countersignature } })
  const countersigned = [...state.countersigned, body]
  return { state: { ...state, countersigned, stage: 'waiting-bootstrap' }, effects: [{ kind: 'send', message }] }
}

function fitsLog(body: Uint8Array, log: AccountState): boolean {
  const parsed = parseLogBody(body)
  if ('fault' in parsed) return true
  return parsed.position === log.head.position + 1n && sameBytes(parsed.previous, log.head.hash)
}

function addsExactly(body: Uint8Array, identity: DeviceIdentity, log: AccountState): boolean {
  const parsed = parseLogBody(body)
  if ('fault' in parsed || parsed.account !== log.account || parsed.operation.kind !== 'add') return false
  const { signer, operation, atMs } = parsed
  if (signer === 'recovery' || !mayManage(log, signer) || atMs < log.headAtMs) return false
  const offered = operation.identity
  const keys = ['logKey', 'mlsKey', 'authKey', 'sealKey'] as const
  const same = offered.device === identity.device && offered.kind === identity.kind
  return same && keys.every((key) => sameBytes(offered[key], identity[key])) && !log.devices.has(identity.device)
}

/** The log lists this device by a body that it countersigned, and whoever signed that entry sealed this (L7). */
async function importBootstrap(
  state: Known & { readonly sealed: LinkSealed },
  log: AccountState,
  entries: readonly LogEntry[],
): Promise<NewSideStep> {
  const record = log.devices.get(state.setup.identity.device)
  const entry = record && entries[Number(record.addedAt)]
  const mine = entry && state.countersigned.some((body) => sameBytes(body, entry.body))
  const by = record?.addedBy
  const listed = record !== undefined && record.removedAt === undefined
  const signer = by === undefined || by === 'genesis' || by === 'recovery' ? undefined : log.devices.get(by)
  if (entry === undefined || mine !== true || !listed || signer === undefined) return end('fault')
  const bytes = await openBootstrap({
    secretN: state.pair.privateKey,
    transcript: state.transcript,
    entryHash: entryHash(entry),
    sealed: state.sealed,
    approver: signer,
  })
  const bootstrap = bytes && parseBootstrap(bytes)
  const fits =
    bootstrap?.head !== undefined &&
    parseAccountBytes(bootstrap.account) === state.account &&
    checkPin(bootstrap.head, entries) === 'extends'
  if (bootstrap === undefined || !fits) return end('fault')
  // L8: nothing sealed in this conversation can be opened again.
  state.pair.privateKey.fill(0)
  return { state: { stage: 'importing' }, effects: [{ kind: 'import', state: log, entries, bootstrap }] }
}

function parseBootstrap(bytes: Uint8Array): Bootstrap | undefined {
  try {
    return fromBinary(BootstrapSchema, bytes)
  } catch {
    return undefined
  }
}
