import { randomBytes } from 'node:crypto'
import { type DeviceKind, parseDeviceBytes } from '@quintet/domain'
import {
  type AccountState,
  assembleEntry,
  buildBody,
  type DeviceIdentity,
  ed25519PublicKey,
  ed25519Signer,
  extendLog,
  genesisBody,
  type LogOperation,
  replayLog,
  type SignFn,
  signBody,
} from '@quintet/identity'
import { BootstrapSchema, create, type LogEntry, toBinary } from '@quintet/wire'
import {
  type ApproverEffect,
  type ApproverInput,
  type ApproverSide,
  type LinkOffer,
  type NewSide,
  type NewSideEffect,
  type NewSideInput,
  newSealKeyPair,
  startApprover,
  startNewSide,
  stepApprover,
  stepNewSide,
} from '../src/index.ts'

const now = 1_800_000_000_000
const bytes = (length: number) => new Uint8Array(randomBytes(length))
export const random = { bytes }

/** A device with all of its keys, the log key's signer among them. */
export interface TestDevice {
  readonly identity: DeviceIdentity
  readonly sign: SignFn
}

export function testDevice(kind: DeviceKind): TestDevice {
  const log = bytes(32)
  const device = parseDeviceBytes(bytes(16))
  if (device === undefined) throw new Error('16 bytes')
  const identity = {
    device,
    kind,
    logKey: ed25519PublicKey(log),
    mlsKey: ed25519PublicKey(bytes(32)),
    authKey: ed25519PublicKey(bytes(32)),
    sealKey: newSealKeyPair(bytes(32)).publicKey,
  }
  return { identity, sign: ed25519Signer(log) }
}

/** An account with its log, as an honest relay keeps it. */
export interface TestAccount {
  readonly entries: LogEntry[]
  state(): AccountState
  /** Signs and appends; the countersigner of an add last. */
  append(signer: TestDevice, op: LogOperation, added?: TestDevice): Promise<LogEntry>
}

export async function testAccount(first: TestDevice): Promise<TestAccount> {
  const body = genesisBody({ random: bytes(32), identity: first.identity, recovery: undefined, atMs: now })
  const entries = [assembleEntry(body, await signBody(body, first.sign))]
  const state = () => {
    const { state: reached } = replayLog(entries)
    if (reached === undefined) throw new Error('a valid log')
    return reached
  }
  return {
    entries,
    state,
    async append(signer, op, added) {
      const next = buildBody({ state: state(), signer: signer.identity.device, atMs: now, op })
      const entry = assembleEntry(next, await signBody(next, signer.sign), added && (await signBody(next, added.sign)))
      const extended = extendLog(state(), entry)
      if (!extended.ok) throw new Error(extended.fault.kind)
      entries.push(entry)
      return entry
    },
  }
}

type NewStory = { readonly side: 'new'; readonly effect: NewSideEffect }
type ApproverStory = { readonly side: 'approver'; readonly effect: ApproverEffect }

/** What a lying relay, or a person, does differently. Each may answer with other inputs than the honest ones. */
export interface Twists {
  toNew?(message: Uint8Array, index: number): readonly NewSideInput[]
  toApprover?(message: Uint8Array, index: number): readonly ApproverInput[]
  append?(entry: LogEntry, attempt: number): Promise<Extract<ApproverInput, { kind: 'appended' }>['answer']>
  pick?(right: number): number | undefined
  confirm?: 'confirmed' | 'refused' | 'expired'
  offer?(offer: LinkOffer): Pick<LinkOffer, 'offer' | 'commit'>
  /** What the log is read back as, on either side. */
  log?(entries: readonly LogEntry[], side: 'new' | 'approver'): readonly LogEntry[]
}

export interface Told {
  readonly newSide: readonly NewSideEffect[]
  readonly approver: readonly ApproverEffect[]
  /** Messages that left the approver. */
  readonly sent: readonly Uint8Array[]
}

/** Plays a whole linking, effect by effect, until neither side has anything left to do. */
export async function playLink(
  account: TestAccount,
  approver: TestDevice,
  fresh: TestDevice,
  twists: Twists = {},
): Promise<Told> {
  const started = startNewSide({
    relay: 'https://chat.example.org',
    identity: fresh.identity,
    signLog: fresh.sign,
    statement: { counter: 1n, appVersion: '0.1.0', protocolMin: 1, protocolMax: 1, features: [], suites: ['hybrid'] },
    platform: 'Linux',
    name: 'desk',
    random,
  })
  let newSide: NewSide = started.state
  const offer = twists.offer?.(started.offer) ?? started.offer
  const setup = { offer, log: account.state(), device: approver.identity.device, handle: 'alice' }
  const first = startApprover({ ...setup, signLog: approver.sign, random })
  let other: ApproverSide = first.state
  const told = { newSide: [] as NewSideEffect[], approver: [] as ApproverEffect[], sent: [] as Uint8Array[] }
  const queue: (NewStory | ApproverStory)[] = first.effects.map((effect) => ({ side: 'approver', effect }))
  const counts = { new: 0, approver: 0, appends: 0 }

  async function tellNew(inputs: readonly NewSideInput[]): Promise<void> {
    for (const input of inputs) {
      const step = await stepNewSide(newSide, input)
      newSide = step.state
      queue.push(...step.effects.map((effect) => ({ side: 'new', effect }) as const))
    }
  }
  async function tellApprover(inputs: readonly ApproverInput[]): Promise<void> {
    for (const input of inputs) {
      const step = await stepApprover(other, input, now)
      other = step.state
      queue.push(...step.effects.map((effect) => ({ side: 'approver', effect }) as const))
    }
  }

  async function onNew(effect: NewSideEffect): Promise<void> {
    told.newSide.push(effect)
    switch (effect.kind) {
      case 'send': {
        const index = counts.new++
        return tellApprover(twists.toApprover?.(effect.message, index) ?? [{ kind: 'message', bytes: effect.message }])
      }
      case 'fetch-log':
        return tellNew([{ kind: 'log', entries: twists.log?.(account.entries, 'new') ?? [...account.entries] }])
      case 'ask':
        return tellNew([{ kind: twists.confirm ?? 'confirmed' }])
      case 'import':
        return tellNew([{ kind: 'ready' }])
      case 'done':
      case 'ended':
        return
    }
  }
  async function onApprover(effect: ApproverEffect): Promise<void> {
    told.approver.push(effect)
    switch (effect.kind) {
      case 'send': {
        told.sent.push(effect.message)
        const index = counts.approver++
        return tellNew(twists.toNew?.(effect.message, index) ?? [{ kind: 'message', bytes: effect.message }])
      }
      case 'fetch-log':
        return tellApprover([
          { kind: 'log', entries: twists.log?.(account.entries, 'approver') ?? [...account.entries] },
        ])
      case 'ask':
        return tellApprover([{ kind: 'picked', index: twists.pick ? twists.pick(effect.right) : effect.right }])
      case 'append': {
        const answer = await (twists.append?.(effect.entry, counts.appends++) ?? 'accepted')
        if (answer === 'accepted') account.entries.push(effect.entry)
        return tellApprover([{ kind: 'appended', answer }])
      }
      case 'make-bootstrap': {
        const { account: id, head } = effect.state
        const message = create(BootstrapSchema, {
          account: Uint8Array.from(Buffer.from(id.slice(2), 'hex')),
          head,
          settings: new TextEncoder().encode('what only a linked device may learn'),
        })
        return tellApprover([{ kind: 'bootstrap', bytes: toBinary(BootstrapSchema, message) }])
      }
      case 'add-to-self-chat':
      case 'ended':
        return
    }
  }
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    await (next.side === 'new' ? onNew(next.effect) : onApprover(next.effect))
  }
  return told
}
