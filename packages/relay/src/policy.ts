import { maxEntryBytes, maxFrameBytes } from '@quintet/wire'

/** Who may make an account here. */
export type SignUpPolicy = 'open' | 'invite' | 'closed'

/** A token bucket: `burst` at once, then `perMinute`. */
export interface Rate {
  readonly burst: number
  readonly perMinute: number
}

/** Everything that the relay's owner may set. Times in ms, sizes in bytes. */
export interface OwnerPolicy {
  readonly signUp: SignUpPolicy
  /** Active devices of an account (D14). */
  readonly maxDevices: number
  readonly logEntriesPerDay: number
  readonly logEntriesPerLife: number
  /** How far a log entry's clock may be off (devlog.proto). */
  readonly clockSkewMs: number
  readonly handleRestMs: number
  readonly retentionMs: number
  readonly maxFrameBytes: number
  readonly maxEntryBytes: number
  readonly maxLeaves: number
  readonly fetchLimit: number
  readonly fetchBytes: number
  readonly heartbeatMs: number
  readonly unauthenticatedMs: number
  readonly connectionsPerAddress: number
  /** Of these, how many may not have signed in. */
  readonly strangersPerAddress: number
  /** New connections, and requests that are none. */
  readonly connectsPerAddress: Rate
  /** How long a request may take to come in, before it is one of a WebSocket. As it stands when the relay starts. */
  readonly slowRequestMs: number
  /** Requests of one connection under way before it is read no further. */
  readonly maxInFlight: number
  /** Bytes that a slow reader may leave waiting before it is let go. */
  readonly maxBufferedBytes: number
  /** Bytes that all slow readers together may leave waiting; then those go who have left most. */
  readonly maxBufferedBytesOfAll: number
  /** Refusals for being too often within a minute; then the connection ends, and its device waits for another. */
  readonly refusalsPerMinute: number
  readonly keyPackageStock: number
  readonly keyPackagesPerDay: number
  readonly keyPackagesPerDayForStrangers: number
  readonly offerLifeMs: number
  readonly offersPerAddress: number
  readonly signUpsPerAddress: Rate
  readonly publicRequestsPerAddress: Rate
  readonly lookups: Rate
  readonly requests: Rate
  readonly appends: Rate
  /** Bytes of messages and commits. */
  readonly writtenBytes: Rate
  /** Bytes of entries, group states, Welcomes and kit blobs: beyond it they are read no faster. */
  readonly readBytes: Rate
  readonly commits: Rate
  readonly signals: Rate
  readonly codeTries: Rate
  readonly metricsFromAnywhere: boolean
}

const day = 24 * 60 * 60 * 1000

export const defaultPolicy: OwnerPolicy = {
  signUp: 'open',
  maxDevices: 5,
  logEntriesPerDay: 20,
  logEntriesPerLife: 512,
  clockSkewMs: 60 * 60 * 1000,
  handleRestMs: 90 * day,
  retentionMs: 30 * day,
  maxFrameBytes,
  maxEntryBytes,
  maxLeaves: 2000,
  fetchLimit: 500,
  fetchBytes: 256 * 1024,
  heartbeatMs: 30_000,
  unauthenticatedMs: 15_000,
  connectionsPerAddress: 20_000,
  strangersPerAddress: 2000,
  connectsPerAddress: { burst: 10_000, perMinute: 6000 },
  slowRequestMs: 10_000,
  maxInFlight: 256,
  maxBufferedBytes: 16 * 1024 * 1024,
  maxBufferedBytesOfAll: 256 * 1024 * 1024,
  refusalsPerMinute: 1000,
  keyPackageStock: 200,
  keyPackagesPerDay: 60,
  keyPackagesPerDayForStrangers: 5,
  offerLifeMs: 120_000,
  offersPerAddress: 20,
  signUpsPerAddress: { burst: 30, perMinute: 20 },
  publicRequestsPerAddress: { burst: 5000, perMinute: 6000 },
  lookups: { burst: 60, perMinute: 30 },
  requests: { burst: 5000, perMinute: 6000 },
  appends: { burst: 5000, perMinute: 6000 },
  writtenBytes: { burst: 16 * 1024 * 1024, perMinute: 64 * 1024 * 1024 },
  readBytes: { burst: 12 * 1024 * 1024, perMinute: 64 * 1024 * 1024 },
  commits: { burst: 500, perMinute: 300 },
  signals: { burst: 3, perMinute: 20 },
  codeTries: { burst: 5, perMinute: 5 / 60 },
  metricsFromAnywhere: false,
}

type PolicyKey = keyof OwnerPolicy

/** The policy's keys, in the order in which they are told. */
export function policyKeys(): readonly PolicyKey[] {
  return Object.keys(defaultPolicy).filter(isPolicyKey)
}

export function isPolicyKey(key: string): key is PolicyKey {
  return Object.hasOwn(defaultPolicy, key)
}

/** A value as the owner writes it: a number, `open|invite|closed`, `true|false`, or `BURST/PER-MINUTE` for a rate. */
export function parsePolicyValue<K extends PolicyKey>(key: K, text: string): Partial<OwnerPolicy> | undefined {
  const before = defaultPolicy[key]
  if (key === 'signUp') return ['open', 'invite', 'closed'].includes(text) ? { [key]: text } : undefined
  if (typeof before === 'boolean') return text === 'true' || text === 'false' ? { [key]: text === 'true' } : undefined
  if (typeof before === 'number') {
    return /^[0-9]{1,15}$/.test(text) && Number(text) > 0 ? { [key]: Number(text) } : undefined
  }
  const rate = /^([0-9]{1,9})\/([0-9]{1,9}(?:\.[0-9]{1,6})?)$/.exec(text)
  return rate ? { [key]: { burst: Number(rate[1]), perMinute: Number(rate[2]) } } : undefined
}

export function showPolicyValue(value: OwnerPolicy[PolicyKey]): string {
  return typeof value === 'object' ? `${value.burst}/${value.perMinute}` : String(value)
}

/** The default policy with what the owner set over it; settings that do not parse count as not set. */
export function policyOf(settings: ReadonlyMap<string, string>, defaults: OwnerPolicy = defaultPolicy): OwnerPolicy {
  let policy = defaults
  for (const key of policyKeys()) {
    const text = settings.get(`policy.${key}`)
    const parsed = text === undefined ? undefined : parsePolicyValue(key, text)
    if (parsed !== undefined) policy = { ...policy, ...parsed }
  }
  return policy
}
