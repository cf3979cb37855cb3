import {
  type ApproverEffect,
  type ApproverInput,
  parseOffer,
  parseShortCode,
  startApprover,
  stepApprover,
} from '@quintet/crypto'
import { type DeviceId, type DeviceKind, sameBytes } from '@quintet/domain'
import { type AccountState, activeDevice, activeDevices, type DeviceIdentity, mayManage } from '@quintet/identity'
import { AbortReason, BootstrapSchema, create, LinkMessageSchema, toBinary } from '@quintet/wire'
import type { ApproveQuestions } from '../api.ts'
import { must } from '../assert.ts'
import type { Core } from '../core.ts'
import { ClientError } from '../error.ts'
import { clientErrorOf } from '../relay/failure.ts'
import { relayOrigin } from '../relay/socket-url.ts'
import { appendEntry, freshState, maxDevicesOf } from './append-entry.ts'
import { makeBootstrap } from './bootstrap.ts'
import { changeLog, ownSigner } from './change-log.ts'
import { handleOf } from './handle.ts'
import type { DeviceHooks } from './hooks.ts'
import { signerOf } from './keyring.ts'
import { converse, type Outcome } from './link-converse.ts'
import { linkEndError, overError } from './link-end.ts'
import { logFaultError } from './log-fault-error.ts'
import { type OfferChannel, openChannel } from './offer-channel.ts'
import { replaceableDevices } from './view.ts'
import { fetchWholeLog } from './whole-log.ts'

type Hooks = Pick<DeviceHooks, 'bootstrapParts' | 'prepareBootstrap' | 'addToSelfChat'>
interface Approved {
  readonly device: DeviceId
  readonly kind: DeviceKind
  readonly words: readonly string[]
}

/**
 * Lets a new device into this account: by its offer (link, QR) or its short code, once its words were picked (L1-L8).
 *
 * `manage` says that both screens are before the approver, and grants the right at once by an entry of its own (D6, L3).
 * Fails with `not-allowed`, `account-full` (with the devices that could make room), `offer-invalid`, `words-mismatch`,
 * `refused-by-other-side`, `rate-limited`, `offline`; the account is then as it was.
 */
export async function approve(
  core: Core,
  hooks: Hooks,
  offerOrCode: string,
  options: { readonly manage: boolean },
  ask: ApproveQuestions,
): Promise<Approved> {
  const own = core.mustOwn()
  const wanted = parseWanted(core, offerOrCode)
  const log = await freshState(core, own.account)
  if (log.closed) throw logFaultError('closed', 'device')
  if (!mayManage(log, own.device))
    throw logFaultError(activeDevice(log, own.device)?.manageClaim === true ? 'on-probation' : 'not-entitled', 'device')
  const claimed = await claim(core, wanted)
  // A relay that passes on another offer than the one that was scanned is caught here, before anything is said (L1).
  if (wanted.kind === 'offer' && !(sameBytes(claimed.offer, wanted.offer) && sameBytes(claimed.commit, wanted.commit)))
    throw linkEndError('fault', 'this-side')
  const { offer, commit } = claimed
  const channel = openChannel(core, offer, async () => void (await claim(core, { kind: 'offer', offer, commit })))
  const progress: Progress = { listed: undefined, handedOver: false, failure: undefined, words: [] }
  try {
    channel.expireAt(Number(claimed.expiresAtMs))
    if (activeDevices(log).length >= (maxDevicesOf(core) ?? Number.POSITIVE_INFINITY))
      throw await turnAway(core, channel)
    const handle = handleOf(core, own.account) ?? ''
    const start = startApprover({
      offer: { offer, commit },
      log,
      device: own.device,
      handle,
      signLog: signerOf(core, 'log'),
      random: core.random,
    })
    return await converse<typeof start.state, ApproverInput, ApproverEffect, Approved>(
      channel,
      start,
      (state, input) => stepApprover(state, input, core.relayNow()),
      approverPerformer({ core, hooks, manage: options.manage, network: claimed.network, channel, progress, ask }),
    )
  } catch (error) {
    await undo(core, progress)
    throw error
  } finally {
    channel.close()
  }
}

type Wanted =
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'offer'; readonly offer: Uint8Array; readonly commit: Uint8Array }

/** What was scanned, pasted or typed. */
function parseWanted(core: Core, text: string): Wanted {
  const offer = parseOffer(text)
  if (offer === undefined) {
    const code = parseShortCode(text)
    if (code === undefined) throw overError()
    return { kind: 'code', code }
  }
  if (offer.relay !== relayOrigin(core.relay.url))
    throw new ClientError(
      'offer-invalid',
      'That device is at another relay than this account. Start it again with the address of this one.',
    )
  return { kind: 'offer', offer: offer.offer, commit: offer.commit }
}

function claim(core: Core, wanted: Wanted) {
  const init = wanted.kind === 'code' ? { code: wanted.code } : { offer: wanted.offer }
  return core.relay.call('offerClaim', init, 'offerClaimed').catch((error: unknown) => {
    throw clientErrorOf(error)
  })
}

/** How far it came: what has to be taken back when it ends here. */
interface Progress {
  /** The log lists it. */
  listed: DeviceIdentity | undefined
  /** The bootstrap has left: whatever happens to this conversation now, that device is part of the account. */
  handedOver: boolean
  failure: ClientError | undefined
  words: readonly string[]
}

interface Approval {
  readonly core: Core
  readonly hooks: Hooks
  readonly manage: boolean
  readonly network: string
  readonly channel: OfferChannel
  readonly progress: Progress
  readonly ask: ApproveQuestions
}

function approverPerformer(
  approval: Approval,
): (effect: ApproverEffect, ending: boolean) => Promise<Outcome<ApproverInput, Approved>> {
  const { core, hooks, channel, progress, ask } = approval
  let identity: DeviceIdentity | undefined
  let bootstrapMade = false
  const approved = (): Approved => {
    const { device, kind } = must(identity, 'a device is seen before it is approved')
    return { device, kind, words: progress.words }
  }
  return async (effect, ending) => {
    switch (effect.kind) {
      case 'send':
        await channel.send(effect.message).catch((error: unknown) => {
          if (!ending) throw error
        })
        progress.handedOver ||= bootstrapMade && !ending
        return { kind: 'done' }
      case 'fetch-log':
        return { kind: 'input', input: { kind: 'log', entries: await fetchWholeLog(core, effect.account) } }
      case 'ask': {
        identity = effect.device
        progress.words = effect.words
        const { platform, name, choices, right } = effect
        const picked = ask.pick({ kind: identity.kind, platform, name, network: approval.network, choices, right })
        // What is to be told is gathered meanwhile; told it is only when the log entry stands (L6).
        hooks.prepareBootstrap(core).catch((error: unknown) => void clientErrorOf(error))
        return { kind: 'later', input: picked.then((index) => ({ kind: 'picked', index })) }
      }
      case 'append':
        return { kind: 'input', input: { kind: 'appended', answer: await append(core, effect, identity, progress) } }
      case 'make-bootstrap': {
        progress.listed = effect.device
        if (approval.manage) await grant(core, effect.device.device)
        bootstrapMade = true
        return {
          kind: 'input',
          input: { kind: 'bootstrap', bytes: toBinary(BootstrapSchema, makeBootstrap(core, hooks)) },
        }
      }
      case 'add-to-self-chat':
        await hooks.addToSelfChat(core, effect.device).catch((error: unknown) => {
          // It enters by itself then (C8).
          if (!(error instanceof ClientError)) throw error
        })
        return { kind: 'result', result: approved() }
      case 'ended':
        // Time over, it has what it needs. If it says itself that it could not use it, it is out again.
        if (progress.handedOver && effect.by === 'this-side') return { kind: 'result', result: approved() }
        progress.handedOver = false
        if (effect.reason === 'full') throw await fullError(core)
        throw progress.failure ?? linkEndError(effect.reason, effect.by)
    }
  }
}

async function append(
  core: Core,
  effect: Extract<ApproverEffect, { readonly kind: 'append' }>,
  identity: DeviceIdentity | undefined,
  progress: Progress,
): Promise<'accepted' | 'conflict' | 'full' | 'refused'> {
  try {
    const outcome = await appendEntry(core, core.mustOwn().account, effect.entry, 'device', effect.statement)
    if (outcome === 'conflict') return 'conflict'
    progress.listed = identity
    return 'accepted'
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
    progress.failure = error
    return error.code === 'account-full' ? 'full' : 'refused'
  }
}

/** D6: the right at once is an entry of its own, after the person said that both screens are before them. */
async function grant(core: Core, device: DeviceId): Promise<void> {
  const lacks = (state: AccountState) => activeDevice(state, device)?.manage === false
  await changeLog(core, core.mustOwn().account, { kind: 'set-rights', device, manage: true }, ownSigner(core), lacks)
}

/** A device that is listed and was told nothing would only take a place: out with it again. */
async function undo(core: Core, { listed, handedOver }: Progress): Promise<void> {
  if (listed === undefined || handedOver) return
  const { device } = listed
  try {
    await changeLog(
      core,
      core.mustOwn().account,
      { kind: 'remove', device },
      ownSigner(core),
      (state) => activeDevice(state, device) !== undefined,
    )
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
  }
}

/** The new device hears at once that there is no place; the person here, which device could make room. */
async function turnAway(core: Core, channel: OfferChannel): Promise<ClientError> {
  const message = create(LinkMessageSchema, { kind: { case: 'abort', value: { reason: AbortReason.FULL } } })
  try {
    await channel.send(toBinary(LinkMessageSchema, message))
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
  }
  return fullError(core)
}

async function fullError(core: Core): Promise<ClientError> {
  const devices = await replaceableDevices(core)
  const names = devices.map((device) => device.name).join(', ')
  return new ClientError(
    'account-full',
    `Your account has its ${devices.length} linked devices: ${names}. Unlink the one that should make room, then start again.`,
    { devices },
  )
}
