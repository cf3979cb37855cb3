import { bytesOf, type DeviceId, sameBytes } from '@quintet/domain'
import {
  type AccountState,
  activeDevice,
  assembleEntry,
  buildBody,
  checkPin,
  decodeStatement,
  type DeviceIdentity,
  entryHash,
  logMessage,
  mayManage,
  parseDeviceKeys,
  replayLog,
  sealKeyBytes,
  type SignFn,
  signBody,
  verifySignature,
  verifyStatement,
} from '@quintet/identity'
import { type LinkReveal, type LogEntry, maxBootstrapBytes, type SignedStatement } from '@quintet/wire'
import { newSealKeyPair } from '../seal.ts'
import { linkWords, type RandomBytes, wordChoices } from './link-words.ts'
import { encodeMessage, type KnownMessage } from './message.ts'
import { maxDrafts } from './new-side.ts'
import { type LinkOffer, offerCommitment } from './offer.ts'
import { sealBootstrap, sealDraft } from './sealed-message.ts'
import { type CommonEffect, type CommonInput, common, type Ended, end } from './step.ts'
import { transcriptHash } from './transcript.ts'

/** The device that approves: it has `manage`, and has just read its account's log. */
export interface ApproverSetup {
  readonly offer: Pick<LinkOffer, 'offer' | 'commit'>
  readonly log: AccountState
  readonly device: DeviceId
  readonly handle: string
  readonly signLog: SignFn
  readonly random: RandomBytes
  /** Whether the device may claim `manage` after a day; undefined = all but web devices (D6). */
  readonly manageClaim?: boolean
}

export type ApproverInput =
  | CommonInput
  /** Which of the four the other screen shows; undefined = refused or closed (L3). */
  | { readonly kind: 'picked'; readonly index: number | undefined }
  /** What the relay said to `append`; `full` and `refused` end it. */
  | { readonly kind: 'appended'; readonly answer: 'accepted' | 'conflict' | 'full' | 'refused' }
  | { readonly kind: 'log'; readonly entries: readonly LogEntry[] }
  /** An encoded Bootstrap. */
  | { readonly kind: 'bootstrap'; readonly bytes: Uint8Array }

export type ApproverEffect =
  | CommonEffect
  | {
      readonly kind: 'ask'
      readonly device: DeviceIdentity
      readonly platform: string
      readonly name: string
      readonly words: readonly string[]
      readonly choices: readonly (readonly string[])[]
      readonly right: number
    }
  /** Append by compare-and-swap, then `appended`. */
  | { readonly kind: 'append'; readonly entry: LogEntry; readonly statement: SignedStatement }
  /** The entry stands and was read back: make the bootstrap (L7), then `bootstrap`. Rights granted face to face go here, too. */
  | { readonly kind: 'make-bootstrap'; readonly state: AccountState; readonly device: DeviceIdentity }
  /** Its key packages are up: add it to the self chat (L8). Nothing comes after. */
  | { readonly kind: 'add-to-self-chat'; readonly device: DeviceId }

interface Base {
  readonly setup: ApproverSetup
  readonly log: AccountState
}
interface Met extends Base {
  readonly identity: DeviceIdentity
  readonly statement: SignedStatement
  readonly pkN: Uint8Array
  readonly transcript: Uint8Array
}
interface Drafted extends Met {
  readonly drafts: number
  readonly body: Uint8Array
}
interface Signed extends Drafted {
  readonly entry: LogEntry
}

export type ApproverSide =
  | (Base & { readonly stage: 'waiting-reveal'; readonly hello: Uint8Array })
  | (Met & { readonly stage: 'asking'; readonly right: number; readonly confirmed: boolean })
  | (Met & { readonly stage: 'waiting-confirmed' })
  | (Drafted & { readonly stage: 'waiting-countersignature' })
  | (Signed & { readonly stage: 'appending' | 'reading-back' | 'rebasing' | 'making-bootstrap' })
  | { readonly stage: 'waiting-ready'; readonly device: DeviceId }
  | { readonly stage: 'done' }
  | Ended

export interface ApproverStep {
  readonly state: ApproverSide
  readonly effects: readonly ApproverEffect[]
}

/** Answers an offer with Hello: from then on the account that this is about is fixed (L2). */
export function startApprover(setup: ApproverSetup): ApproverStep {
  const { log, handle, random } = setup
  const pkA = newSealKeyPair(random.bytes(32)).publicKey
  const hello = encodeMessage({ case: 'hello', value: { pkA, account: bytesOf(log.account), head: log.head, handle } })
  const state = { stage: 'waiting-reveal', setup, log, hello } as const
  return { state, effects: [{ kind: 'send', message: hello }] }
}

/**
 * Advances the approver's side by one input (L2-L8). `nowMs` is the relay's time, for the log entry.
 *
 * No I/O: carry out the effects in order, one step at a time. No byte of a bootstrap leaves before the entry was
 * accepted and read back with this device still entitled (L6); whatever does not belong ends the offer.
 */
export async function stepApprover(state: ApproverSide, input: ApproverInput, nowMs: number): Promise<ApproverStep> {
  if (state.stage === 'ended' || state.stage === 'done') return { state, effects: [] }
  switch (input.kind) {
    case 'message':
    case 'expired':
    case 'tampered': {
      const met = common(input)
      return 'effects' in met ? met : onMessage(state, met, input.kind === 'message' ? input.bytes : undefined, nowMs)
    }
    case 'picked':
      return onPick(state, input.index, nowMs)
    case 'appended': {
      if (state.stage !== 'appending') return end('fault')
      if (input.answer === 'full') return end('full')
      if (input.answer === 'refused') return end('fault')
      const stage = input.answer === 'accepted' ? 'reading-back' : 'rebasing'
      return { state: { ...state, stage }, effects: [{ kind: 'fetch-log', account: state.log.account }] }
    }
    case 'log':
      return onLog(state, input.entries, nowMs)
    case 'bootstrap':
      return onBootstrap(state, input.bytes)
  }
}

async function onMessage(
  state: ApproverSide,
  message: KnownMessage,
  bytes: Uint8Array | undefined,
  nowMs: number,
): Promise<ApproverStep> {
  if (state.stage === 'waiting-reveal' && message.case === 'reveal' && bytes) return meet(state, message.value, bytes)
  if (message.case === 'confirmed') {
    if (state.stage === 'asking' && !state.confirmed) return { state: { ...state, confirmed: true }, effects: [] }
    if (state.stage === 'waiting-confirmed') return draft(state, 0, nowMs)
  }
  if (state.stage === 'waiting-countersignature' && message.case === 'countersignature') {
    return countersigned(state, message.value.countersignature)
  }
  if (state.stage === 'waiting-ready' && message.case === 'ready') {
    return { state: { stage: 'done' }, effects: [{ kind: 'add-to-self-chat', device: state.device }] }
  }
  return end('fault')
}

/** Checks that Reveal is what the offer committed to, and that its keys and statement are the device's own. */
function meet(state: Base & { readonly hello: Uint8Array }, reveal: LinkReveal, bytes: Uint8Array): ApproverStep {
  const { offer, commit } = state.setup.offer
  const { pkN, rN, platform, name } = reveal
  const identity = parseDeviceKeys(reveal.keys)
  const committed = pkN.length === sealKeyBytes && rN.length === 32 && sameBytes(offerCommitment(pkN, rN), commit)
  const { statement } = reveal
  if (!committed || identity === undefined || statement === undefined) return end('fault')
  if (!speaksFor(statement, identity, state.log) || state.log.devices.has(identity.device)) return end('fault')
  const words = linkWords(offer, commit, state.hello, bytes)
  const { choices, right } = wordChoices(words, state.setup.random)
  const { setup, log } = state
  const transcript = transcriptHash(offer, commit, state.hello, bytes)
  const next = { stage: 'asking', setup, log, identity, statement, pkN, transcript, right, confirmed: false } as const
  return { state: next, effects: [{ kind: 'ask', device: identity, platform, name, words, choices, right }] }
}

function speaksFor(signed: SignedStatement, identity: DeviceIdentity, log: AccountState): boolean {
  const statement = decodeStatement(signed.statement)
  const about = statement?.account === log.account && statement.device === identity.device
  return about && verifyStatement(signed, identity.logKey)
}

async function onPick(state: ApproverSide, index: number | undefined, nowMs: number): Promise<ApproverStep> {
  if (state.stage !== 'asking') return end('fault')
  if (index === undefined) return end('refused')
  if (index !== state.right) return end('words')
  const { setup, log, identity, statement, pkN, transcript, confirmed } = state
  const met: Met = { setup, log, identity, statement, pkN, transcript }
  return confirmed ? draft(met, 0, nowMs) : { state: { ...met, stage: 'waiting-confirmed' }, effects: [] }
}

/** Both persons have agreed: the entry's body goes to the new device (L5). */
async function draft(met: Met, before: number, nowMs: number): Promise<ApproverStep> {
  const { setup, log, identity, statement, pkN, transcript } = met
  if (before >= maxDrafts || !mayManage(log, setup.device) || log.devices.has(identity.device)) return end('fault')
  const manageClaim = setup.manageClaim ?? identity.kind !== 'web'
  const op = { kind: 'add', identity, manageClaim } as const
  const body = buildBody({ state: log, signer: setup.device, atMs: Math.trunc(nowMs), op })
  const message = encodeMessage({ case: 'draft', value: await sealDraft(pkN, transcript, body) })
  const state = { setup, log, identity, statement, pkN, transcript, body, drafts: before + 1 }
  return { state: { ...state, stage: 'waiting-countersignature' }, effects: [{ kind: 'send', message }] }
}

async function countersigned(state: Drafted, countersignature: Uint8Array): Promise<ApproverStep> {
  const { body, identity, statement, setup } = state
  if (!verifySignature(identity.logKey, logMessage(body), countersignature)) return end('fault')
  const entry = assembleEntry(body, await signBody(body, setup.signLog), countersignature)
  return { state: { ...state, stage: 'appending', entry }, effects: [{ kind: 'append', entry, statement }] }
}

/** L6: what the relay said is believed only after the log itself says it. */
async function onLog(state: ApproverSide, entries: readonly LogEntry[], nowMs: number): Promise<ApproverStep> {
  if (state.stage !== 'reading-back' && state.stage !== 'rebasing') return end('fault')
  const { state: log, fault } = replayLog(entries, { account: state.log.account })
  if (log === undefined || fault !== undefined || checkPin(state.log.head, entries) !== 'extends') return end('fault')
  const { setup, identity, entry } = state
  if (!mayManage(log, setup.device)) return end('fault')
  const record = activeDevice(log, identity.device)
  const stands = record && entries[Number(record.addedAt)]
  // An answer that was lost looks like a lost race; the log tells them apart.
  if (stands && sameBytes(entryHash(stands), entryHash(entry))) {
    const effects = [{ kind: 'make-bootstrap', state: log, device: identity } as const]
    return { state: { ...state, log, stage: 'making-bootstrap' }, effects }
  }
  return state.stage === 'rebasing' ? draft({ ...state, log }, state.drafts, nowMs) : end('fault')
}

async function onBootstrap(state: ApproverSide, bootstrap: Uint8Array): Promise<ApproverStep> {
  // Room for the seal, its key and the frame around them.
  if (state.stage !== 'making-bootstrap' || bootstrap.length > maxBootstrapBytes - 2048) return end('fault')
  const { setup, pkN, transcript, entry, identity } = state
  const { device, signLog: sign } = setup
  const value = await sealBootstrap({ pkN, transcript, entryHash: entryHash(entry), bootstrap, device, sign })
  const message = encodeMessage({ case: 'bootstrap', value })
  return { state: { stage: 'waiting-ready', device: identity.device }, effects: [{ kind: 'send', message }] }
}
