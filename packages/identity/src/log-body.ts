import { parseAccountBytes, parseDeviceBytes } from '@quintet/domain'
import type { AccountId, DeviceId } from '@quintet/domain'
import { fromBinary, type LogBody, LogBodySchema } from '@quintet/wire'
import type { LogFaultKind } from './account-state.ts'
import { countable } from './countable.ts'
import { parseDeviceKeys, parseRecoveryKeys } from './keys.ts'
import type { CreateOperation, LogOperation, LogSigner } from './operation.ts'

/** A body that is well-formed by itself; whether it fits a log is another question. */
export interface ParsedBody {
  /** Undefined in a genesis. */
  readonly account: AccountId | undefined
  readonly position: bigint
  /** Empty in a genesis, else 32 bytes. */
  readonly previous: Uint8Array
  readonly signer: LogSigner
  readonly atMs: number
  readonly operation: LogOperation | CreateOperation
}

export type BodyFault = {
  readonly fault: Extract<LogFaultKind, 'malformed' | 'unknown-operation'>
  readonly position: bigint
}

/**
 * Reads a body strictly: unknown fields are an operation that this code cannot judge, and so refused,
 * or two versions would read two meanings from one signature.
 */
export function parseLogBody(bytes: Uint8Array): ParsedBody | BodyFault {
  const body = decode(bytes)
  if (body === undefined) return { fault: 'malformed', position: 0n }
  const { position } = body
  if (body.version !== 1 || body.$unknown !== undefined || body.op.case === undefined) {
    return { fault: body.version === 0 ? 'malformed' : 'unknown-operation', position }
  }
  const operation = operationOf(body)
  const signer = body.signer.length === 0 ? 'recovery' : parseDeviceBytes(body.signer)
  const account = parseAccountBytes(body.account)
  const genesis = operation?.kind === 'create'
  const fits = genesis
    ? body.account.length === 0 && position === 0n && body.previous.length === 0
    : account !== undefined && position > 0n && body.previous.length === 32
  if (operation === undefined || signer === undefined || !fits || body.atMs >= countable) {
    return { fault: 'malformed', position }
  }
  return { account, position, previous: body.previous, signer, atMs: Number(body.atMs), operation }
}

/** What an entry's body takes at most: bytes. The largest of ours, a genesis, takes 2.7 KB; fields said twice take any. */
const maxBodyBytes = 4096

function decode(bytes: Uint8Array): LogBody | undefined {
  if (bytes.length > maxBodyBytes) return undefined
  try {
    return fromBinary(LogBodySchema, bytes)
  } catch {
    return undefined
  }
}

function operationOf(body: LogBody): LogOperation | CreateOperation | undefined {
  const { op } = body
  if (op.value === undefined || op.value.$unknown !== undefined) return undefined
  switch (op.case) {
    case 'create': {
      const identity = parseDeviceKeys(op.value.device)
      const recovery = op.value.recovery && parseRecoveryKeys(op.value.recovery)
      const whole = op.value.random.length === 32 && (recovery === undefined) === (op.value.recovery === undefined)
      return identity && whole ? { kind: 'create', random: op.value.random, identity, recovery } : undefined
    }
    case 'add': {
      const identity = parseDeviceKeys(op.value.device)
      return identity && { kind: 'add', identity, manageClaim: op.value.manageClaim }
    }
    case 'claim':
      return withDevice(op.value.device, (device) => ({ kind: 'claim', device }))
    case 'remove':
      return withDevice(op.value.device, (device) => ({ kind: 'remove', device }))
    case 'makeMain':
      return withDevice(op.value.device, (device) => ({ kind: 'make-main', device }))
    case 'setRights': {
      const { manage } = op.value
      return withDevice(op.value.device, (device) => ({ kind: 'set-rights', device, manage }))
    }
    case 'setRecovery': {
      if (op.value.recovery === undefined) return { kind: 'set-recovery', recovery: undefined }
      const recovery = parseRecoveryKeys(op.value.recovery)
      return recovery && { kind: 'set-recovery', recovery }
    }
    case 'close':
      return { kind: 'close' }
  }
}

function withDevice(bytes: Uint8Array, make: (device: DeviceId) => LogOperation): LogOperation | undefined {
  const device = parseDeviceBytes(bytes)
  return device && make(device)
}
