import { openSealed } from '@quintet/crypto'
import { bytesOf, parseDeviceBytes, sameBytes } from '@quintet/domain'
import { type AccountState, checkPin, verifySignature } from '@quintet/identity'
import {
  type Bootstrap,
  BootstrapSchema,
  FailureCode,
  fromBinary,
  LinkSealedSchema,
  type LogEntry,
  SignedBootstrapSchema,
} from '@quintet/wire'
import type { Core } from '../core.ts'
import { clientErrorOf, isFailure } from '../relay/failure.ts'
import type { Kit } from './kit.ts'
import { storedEntries } from './log-store.ts'
import { bootstrapMessage, kitContext } from './kit-blob.ts'

/** What was left for the kit. */
export interface OpenedKitBlob {
  readonly bootstrap: Bootstrap
  /** The log has changed since, so it may lack what came after. */
  readonly stale: boolean
}

/**
 * Fetches and opens what a device left for the kit (H8). `position` is where the log stood before this device was added.
 *
 * Undefined when there is none, or none that a device of this account signed for this account.
 */
export async function fetchKitBlob(
  core: Core,
  state: AccountState,
  kit: Kit,
  position: bigint,
): Promise<OpenedKitBlob | undefined> {
  try {
    const { blob } = await core.relay.call('getKitBlob', {}, 'kitBlob')
    return await openKitBlob(blob, { state, entries: storedEntries(core.db, state.account), position }, kit)
  } catch (error) {
    if (isFailure(error, FailureCode.NONE)) return undefined
    throw clientErrorOf(error)
  }
}

/** The account's log: its state, its entries, and the position that a blob should not lie behind. */
export interface KnownLog {
  readonly state: AccountState
  readonly entries: readonly LogEntry[]
  readonly position: bigint
}

/** As `fetchKitBlob`, for bytes at hand. */
export async function openKitBlob(blob: Uint8Array, log: KnownLog, kit: Kit): Promise<OpenedKitBlob | undefined> {
  const { state, entries, position } = log
  const context = kitContext(bytesOf(state.account))
  const signed = await openSigned(blob, context, kit)
  if (signed === undefined) return undefined
  const device = parseDeviceBytes(signed.device)
  // A device that was removed since may have made it: it was a device when it did, and the log says what it may still mean.
  const record = device === undefined ? undefined : state.devices.get(device)
  if (
    record === undefined ||
    !verifySignature(record.logKey, bootstrapMessage(context, signed.bootstrap), signed.signature)
  )
    return undefined
  const bootstrap = parsed(() => fromBinary(BootstrapSchema, signed.bootstrap))
  if (bootstrap?.head === undefined || !sameBytes(bootstrap.account, bytesOf(state.account))) return undefined
  // What another view of the log saw is nobody's truth here (D12).
  if (checkPin(bootstrap.head, entries) !== 'extends') return undefined
  return { bootstrap, stale: bootstrap.head.position < position }
}

async function openSigned(blob: Uint8Array, context: Uint8Array, kit: Kit) {
  const sealed = parsed(() => fromBinary(LinkSealedSchema, blob))
  if (sealed === undefined) return undefined
  const plain = await openSealed(kit.sealSecret, context, new Uint8Array(), sealed)
  return plain === undefined ? undefined : parsed(() => fromBinary(SignedBootstrapSchema, plain))
}

function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch {
    return undefined
  }
}
