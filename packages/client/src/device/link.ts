import { type NewSideEffect, type NewSideInput, offerText, shownCode, startNewSide, stepNewSide } from '@quintet/crypto'
import { type AccountId, type DeviceId, type DeviceKind, parseHandle } from '@quintet/domain'
import { checkPin, type DeviceIdentity } from '@quintet/identity'
import type { LinkQuestions } from '../api.ts'
import { must } from '../assert.ts'
import type { Core } from '../core.ts'
import { mustBeName } from '../content/checked.ts'
import { fewAtFirst, fillStock } from '../keypackage/stock.ts'
import { ask as askRelay } from '../relay/ask.ts'
import { relayOrigin } from '../relay/socket-url.ts'
import { nameDevice } from '../selfstate/device-name.ts'
import { stateOf } from './directory.ts'
import { setHandle } from './handle.ts'
import type { DeviceHooks } from './hooks.ts'
import { createKeys, signerOf } from './keyring.ts'
import { converse, type Outcome } from './link-converse.ts'
import { linkEndError } from './link-end.ts'
import { stateStored, storeLog, storeStatement } from './log-store.ts'
import { openChannel } from './offer-channel.ts'
import { writeOwn } from './own.ts'
import { becomePresent } from './presence.ts'
import { mustBeEmpty } from './sign-up.ts'
import { announced, makeStatement } from './statement.ts'
import { fetchWholeLog } from './whole-log.ts'

const onlineMs = 15_000

type ImportEffect = Extract<NewSideEffect, { readonly kind: 'import' }>
interface Linked {
  readonly account: AccountId
  readonly device: DeviceId
}

/**
 * Makes this profile a device of an account by the consent of one of its devices (L1-L8), and enters the self chat.
 *
 * Fails with `offer-invalid` (two minutes passed, or something interfered), `words-mismatch`, `refused-by-other-side`,
 * `account-full`, `profile-exists`, `offline`; the profile is empty then as before.
 */
export async function link(
  core: Core,
  hooks: Pick<DeviceHooks, 'importBootstrap' | 'joinSelfChat' | 'sendSelfOps'>,
  input: { readonly kind: DeviceKind; readonly name: string },
  ask: LinkQuestions,
): Promise<Linked> {
  mustBeEmpty(core)
  mustBeName(input.name)
  await core.relay.online(onlineMs)
  const identity = createKeys(core, input.kind)
  const { state, offer } = startNewSide({
    relay: relayOrigin(core.relay.url) ?? core.relay.url,
    identity,
    signLog: signerOf(core, 'log'),
    statement: { ...announced, counter: 1n },
    platform: core.platformName,
    name: input.name,
    random: core.random,
  })
  const open = () => askRelay(core, 'offerOpen', { offer: offer.offer, commit: offer.commit }, 'offerOpened')
  const channel = openChannel(core, offer.offer, async () => void (await open()))
  try {
    const { code, expiresAtMs } = await open()
    channel.expireAt(Number(expiresAtMs))
    ask.offer({
      offer: offerText(offer),
      code: shownCode(code),
      expiresAt: new Date(Number(expiresAtMs)).toISOString(),
    })
    const linked = await converse<typeof state, NewSideInput, NewSideEffect, Linked>(
      channel,
      { state, effects: [] },
      stepNewSide,
      newSidePerformer(core, hooks, identity, channel.send, ask),
    )
    await enter(core, hooks, linked, input.name)
    return linked
  } finally {
    channel.close()
  }
}

function newSidePerformer(
  core: Core,
  hooks: Pick<DeviceHooks, 'importBootstrap'>,
  identity: DeviceIdentity,
  send: (message: Uint8Array) => Promise<void>,
  ask: LinkQuestions,
): (effect: NewSideEffect, ending: boolean) => Promise<Outcome<NewSideInput, Linked>> {
  let account: AccountId | undefined
  return async (effect, ending) => {
    switch (effect.kind) {
      case 'send':
        await send(effect.message).catch((error: unknown) => {
          // Once this is a device, an approver that cannot hear so changes nothing: the self chat is entered without it.
          if (!ending && account === undefined) throw error
        })
        return { kind: 'done' }
      case 'fetch-log':
        return { kind: 'input', input: { kind: 'log', entries: await fetchWholeLog(core, effect.account) } }
      case 'ask': {
        const confirmed = ask.confirm(effect.words, effect.handle)
        return { kind: 'later', input: confirmed.then((yes) => ({ kind: yes ? 'confirmed' : 'refused' })) }
      }
      case 'import':
        account = effect.state.account
        await takeIn(core, hooks, identity, effect)
        return { kind: 'input', input: { kind: 'ready' } }
      case 'done': {
        const linked = { account: must(account, 'a device is imported before it is done'), device: identity.device }
        return { kind: 'result', result: linked }
      }
      case 'ended':
        throw linkEndError(effect.reason, effect.by)
    }
  }
}

/** The profile is that device from here on: all of it in one transaction, then the relay is told, then key packages. */
async function takeIn(
  core: Core,
  hooks: Pick<DeviceHooks, 'importBootstrap'>,
  identity: DeviceIdentity,
  linked: ImportEffect,
): Promise<void> {
  const { state, entries, bootstrap } = linked
  const { account } = state
  const { device } = identity
  const record = must(state.devices.get(device), 'the log that was read back lists this device')
  const known = stateOf(core, account)
  // An earlier try may have pinned this log (D12).
  if (known !== undefined && checkPin(known.head, entries) !== 'extends') throw linkEndError('fault', 'this-side')
  const statement = await makeStatement(core, { account, device }, 1n)
  core.write(() => {
    writeOwn(core.db, { account, device, position: record.addedAt })
    storeLog(core.db, state, entries.slice(known === undefined ? 0 : Number(known.head.position) + 1))
    storeStatement(core.db, { account, device, counter: 1n }, statement)
    setHandle(core.db, account, parseHandle(bootstrap.handle))
    hooks.importBootstrap(core, bootstrap)
  })
  stateStored(core.db, state)
  await becomePresent(core)
  await core.relay.online(onlineMs)
  await fillStock(core, fewAtFirst)
}

/** What is said in the self chat needs it entered first. */
async function enter(
  core: Core,
  hooks: Pick<DeviceHooks, 'joinSelfChat' | 'sendSelfOps'>,
  linked: Linked,
  name: string,
): Promise<void> {
  await hooks.joinSelfChat(core, { added: true })
  await hooks.sendSelfOps(core, () => [nameDevice(core.db, core.mustOwn(), linked.device, name)])
}
