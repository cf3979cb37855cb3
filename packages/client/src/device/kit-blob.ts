import { sealTo } from '@quintet/crypto'
import { sha256 } from '@noble/hashes/sha2.js'
import { asciiBytes, bytesOf, concatBytes, hexOf } from '@quintet/domain'
import { create, LinkSealedSchema, SignedBootstrapSchema, toBinary, BootstrapSchema } from '@quintet/wire'
import type { Core } from '../core.ts'
import { ClientError } from '../error.ts'
import { isRecovering } from './own.ts'
import { ask } from '../relay/ask.ts'
import { metaNumber, metaText, setMeta } from '../store/meta.ts'
import { accountOf, blobOf, chatOf, optionalBlob } from '../store/row.ts'
import { makeBootstrap } from './bootstrap.ts'
import { stateOf } from './directory.ts'
import type { DeviceHooks } from './hooks.ts'
import { signerOf } from './keyring.ts'

const hourMs = 60 * 60 * 1000
const monthMs = 30 * 24 * hourMs

/** What the seal and the signature of a kit's blob are bound to: the account, so that it fits no other. */
export function kitContext(account: Uint8Array): Uint8Array {
  return sha256(concatBytes(asciiBytes('quintet/kit/v1\0'), account))
}

/** What a device signs of a bootstrap (link.proto): bound to where it goes. */
export function bootstrapMessage(context: Uint8Array, bootstrap: Uint8Array): Uint8Array {
  return concatBytes(asciiBytes('quintet/bootstrap/v1\0'), context, bootstrap)
}

/**
 * Leaves what a recovered device needs with the relay, sealed to the kit and signed by this device (H8).
 *
 * `due`: when membership or pins changed, at most hourly, and at least monthly. `now`: whatever was before.
 * Without a kit there is nothing to seal to. Answers whether a blob went out.
 */
export async function refreshKitBlob(
  core: Core,
  hooks: Pick<DeviceHooks, 'bootstrapParts'>,
  when: 'now' | 'due',
): Promise<boolean> {
  const { account, device } = core.mustOwn()
  const recovery = stateOf(core, account)?.recovery
  if (recovery === undefined) return false
  const now = Math.trunc(core.relayNow())
  const age = now - (metaNumber(core.db, 'kit-blob-at') ?? 0)
  if (when === 'due' && age < hourMs) return false
  const digest = hexOf(digestOf(core, recovery.signKey))
  if (when === 'due' && age < monthMs && metaText(core.db, 'kit-blob-digest') === digest) return false
  const bootstrap = makeBootstrap(core, hooks)
  const bytes = toBinary(BootstrapSchema, bootstrap)
  const context = kitContext(bootstrap.account)
  const signature = await signerOf(core, 'log')(bootstrapMessage(context, bytes))
  const signed = toBinary(
    SignedBootstrapSchema,
    create(SignedBootstrapSchema, { bootstrap: bytes, device: bytesOf(device), signature }),
  )
  const { enc, ciphertext } = await sealTo(recovery.sealKey, context, new Uint8Array(), signed)
  const blob = toBinary(LinkSealedSchema, create(LinkSealedSchema, { enc, ciphertext }))
  await ask(core, 'putKitBlob', { blob }, 'done')
  core.write(() => {
    setMeta(core.db, 'kit-blob-at', now)
    setMeta(core.db, 'kit-blob-digest', digest)
  })
  return true
}

/** Refreshes it when due; a relay that is away or busy is asked again at the next sync. */
export async function keepKitBlob(core: Core, hooks: Pick<DeviceHooks, 'bootstrapParts'>): Promise<void> {
  // What is there is still to be taken in here.
  if (isRecovering(core.db)) return
  try {
    await refreshKitBlob(core, hooks, 'due')
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
  }
}

/**
 * Of what must not grow old: the kit, the chats and who is in them, the pins. Epochs and settings may.
 *
 * Read from the tables alone: every sync asks, and to make the blob takes the engine and all groups.
 */
function digestOf(core: Pick<Core, 'db'>, kit: Uint8Array): Uint8Array {
  const chats = core.db
    .all("select chat, policy from chat where state = 'active' order by chat")
    .flatMap((row) => [bytesOf(chatOf(row, 'chat')), sha256(optionalBlob(row, 'policy') ?? new Uint8Array())])
  const pins = core.db
    .all('select account, hash from account where position >= 0 order by account')
    .flatMap((row) => [bytesOf(accountOf(row, 'account')), blobOf(row, 'hash')])
  return sha256(concatBytes(kit, ...chats, ...pins))
}
