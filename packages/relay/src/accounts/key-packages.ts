import { bytesOf, type DeviceId, parseAccountBytes, parseDeviceBytes, sameBytes } from '@quintet/domain'
import { activeDevice, activeDevices } from '@quintet/identity'
import {
  FailureCode,
  MlsFormatError,
  type PutKeyPackages,
  readKeyPackage,
  Suite,
  type TakeKeyPackages,
} from '@quintet/wire'
import { type Answer, done, malformed, rateLimited, refusalOf, refuse } from '../answer.ts'
import type { NewKeyPackage, StoredSuite } from '../ports/account-store.ts'
import type { Caller, RelayCore } from '../relay-core.ts'
import { tried } from './sign-up.ts'

interface SuiteName {
  readonly name: StoredSuite
  readonly codePoint: number
}

const suites = new Map<Suite, SuiteName>([
  [Suite.BASE, { name: 'base', codePoint: 0x0001 }],
  [Suite.HYBRID, { name: 'hybrid', codePoint: 0x004f }],
])

const maxKeyPackageBytes = 16 * 1024

/** K1, K4: keeps what the device made for others to add it by; only what is of this device and suite. */
export async function putKeyPackages(core: RelayCore, caller: Caller, call: PutKeyPackages): Promise<Answer> {
  const suite = suites.get(call.suite)
  if (suite === undefined) return malformed('The suite')
  const live = await core.accounts.get(caller.account)
  const mlsKey = live && activeDevice(live.state, caller.device)?.mlsKey
  if (mlsKey === undefined) return malformed('The device')
  const read = (bytes: Uint8Array): NewKeyPackage | undefined => checked(bytes, suite.codePoint, caller, mlsKey)
  const packages = call.keyPackages.map(read)
  const lastResort = call.lastResort.length > 0 ? read(call.lastResort) : undefined
  const good = packages.filter((each) => each !== undefined)
  if (good.length < packages.length || (call.lastResort.length > 0 && !lastResort)) return malformed('A key package')
  const kept = call.replace ? 0 : (await core.store.accounts.stock(caller.device, suite.name)).waiting
  if (kept + good.length > core.policy().keyPackageStock) {
    return refuse(FailureCode.TOO_LARGE, 'That is more key packages than this relay keeps for a device.')
  }
  const atMs = core.runtime.clock.now()
  const upload = { ...caller, suite: suite.name, packages: good, lastResort, replace: call.replace, atMs }
  const failed = await tried(core.store.accounts.putKeyPackages(upload))
  return failed ? refusalOf(failed) : done
}

function checked(bytes: Uint8Array, suite: number, caller: Caller, mlsKey: Uint8Array): NewKeyPackage | undefined {
  if (bytes.length > maxKeyPackageBytes) return undefined
  try {
    const view = readKeyPackage(bytes)
    const { credential, signatureKey, lifetime } = view.leaf
    const own = credential.account === caller.account && credential.device === caller.device
    if (!own || view.suite !== suite || lifetime === undefined || !sameBytes(signatureKey, mlsKey)) return undefined
    return { bytes: bytes.slice(), notAfterMs: Math.min(Number(lifetime.notAfter) * 1000, Number.MAX_SAFE_INTEGER) }
  } catch (error) {
    if (error instanceof MlsFormatError) return undefined
    throw error
  }
}

/** K2: one of each active device, each handed out once, and the log's head of that moment. */
export async function takeKeyPackages(core: RelayCore, caller: Caller, call: TakeKeyPackages): Promise<Answer> {
  const account = parseAccountBytes(call.account)
  const suite = suites.get(call.suite)
  if (account === undefined || suite === undefined) return malformed('The account or suite')
  const live = await core.accounts.get(account)
  if (live === undefined) return refuse(FailureCode.UNKNOWN_ACCOUNT, 'This relay does not know that account.')
  if (live.state.closed) return refuse(FailureCode.ACCOUNT_CLOSED, 'That account has been deleted.')
  if (account !== caller.account) {
    const policy = core.policy()
    const stranger = !(await core.store.chats.sharers(caller.account)).includes(account)
    const perDay = stranger ? policy.keyPackagesPerDayForStrangers : policy.keyPackagesPerDay
    const wait = core.limits.takeToday(`key packages ${stranger} ${caller.account} ${account}`, perDay)
    if (wait !== undefined) return rateLimited(wait)
  }
  const only = new Set(call.onlyDevices.map(parseDeviceBytes))
  const listed = activeDevices(live.state).map(({ device }) => device)
  const wanted = listed.filter((device) => only.size === 0 || only.has(device))
  try {
    const now = core.runtime.clock.now()
    const taken = await core.store.accounts.takeKeyPackages(account, wanted, suite.name, now)
    const found = new Set<DeviceId>(taken.map(({ device }) => device))
    return {
      case: 'keyPackages',
      value: {
        head: live.state.head,
        keyPackages: taken.map(({ device, bytes, lastResort }) => ({
          device: bytesOf(device),
          keyPackage: bytes,
          lastResort,
        })),
        missing: wanted.filter((device) => !found.has(device)).map(bytesOf),
      },
    }
  } catch (error) {
    return refusalOf(error)
  }
}

export async function keyPackageStock(core: RelayCore, caller: Caller): Promise<Answer> {
  const base = await core.store.accounts.stock(caller.device, 'base')
  const hybrid = await core.store.accounts.stock(caller.device, 'hybrid')
  return {
    case: 'stock',
    value: {
      base: base.waiting,
      hybrid: hybrid.waiting,
      baseLastResortAtMs: BigInt(base.lastResortAtMs ?? 0),
      hybridLastResortAtMs: BigInt(hybrid.lastResortAtMs ?? 0),
    },
  }
}
