import { MlsError, type Suite } from '@quintet/crypto'
import { type AccountId, bytesOf, type DeviceId, parseCredential, parseDeviceBytes, sameBytes } from '@quintet/domain'
import { type AccountState, activeDevice, activeDevices } from '@quintet/identity'
import type { Core } from '../core.ts'
import { ClientError } from '../error.ts'
import { behind, noteToldHead, refresh, stateOf } from '../device/directory.ts'
import { ask } from '../relay/ask.ts'
import { wireSuiteOf } from './stock.ts'

/** C10: a package that is about to run out is not added any more. */
const marginS = 60n * 60n

export interface TakenPackages {
  /** Checked against the newest log: credential, key, suite and lifetime fit. */
  readonly packages: readonly { readonly device: DeviceId; readonly bytes: Uint8Array; readonly lastResort: boolean }[]
  /** Active devices that had none, or none that is any good: they join by themselves (K3). */
  readonly missing: readonly DeviceId[]
  /** The account as of the log that all of this was checked by. */
  readonly state: AccountState
}

/**
 * Takes one key package of each device of an account (K2), or of `only` these.
 *
 * Fetches the account's log first when the relay says that it goes on. Fails as the relay does.
 */
export async function takeKeyPackages(
  core: Core,
  account: AccountId,
  suite: Suite,
  only?: readonly DeviceId[],
): Promise<TakenPackages> {
  const request = { account: bytesOf(account), suite: wireSuiteOf(suite), onlyDevices: (only ?? []).map(bytesOf) }
  const taken = await ask(core, 'takeKeyPackages', request, 'keyPackages')
  if (taken.head !== undefined) noteToldHead(core, account, taken.head)
  if (stateOf(core, account) === undefined || behind(core, [account]).length > 0) await refresh(core, [account])
  const state = stateOf(core, account)
  if (state === undefined) throw new ClientError('unknown-handle', 'The relay has nothing about this person any more.')
  const packages = taken.keyPackages.flatMap((given) => {
    const device = parseDeviceBytes(given.device)
    if (device === undefined || (only !== undefined && !only.includes(device))) return []
    return isGood(core, state, device, suite, given.keyPackage)
      ? [{ device, bytes: given.keyPackage, lastResort: given.lastResort }]
      : []
  })
  // One per device: a second leaf of one device is refused by everybody (C5).
  const first = packages.filter((one, at) => packages.findIndex((other) => other.device === one.device) === at)
  const wanted = activeDevices(state).filter((record) => only === undefined || only.includes(record.device))
  const missing = wanted
    .filter((record) => !first.some((one) => one.device === record.device))
    .map((record) => record.device)
  return { packages: first, missing, state }
}

/** C3 and C10 for a package that is to be added. */
function isGood(core: Core, state: AccountState, device: DeviceId, suite: Suite, bytes: Uint8Array): boolean {
  const record = activeDevice(state, device)
  if (record === undefined) return false
  try {
    const leaf = core.engine().inspectKeyPackage(bytes)
    const credential = parseCredential(leaf.credential)
    const now = BigInt(Math.floor(core.relayNow() / 1000))
    return (
      leaf.suite === suite &&
      credential?.account === state.account &&
      credential.device === device &&
      credential.position === record.addedAt &&
      sameBytes(leaf.signatureKey, record.mlsKey) &&
      leaf.notBefore <= now + marginS &&
      leaf.notAfter > now + marginS
    )
  } catch (error) {
    if (error instanceof MlsError) return false
    throw error
  }
}
