import { type AccountId, asciiBytes, bytesOf, concatBytes, type DeviceId } from '@quintet/domain'
import { parseAccountBytes, parseDeviceBytes, sameBytes } from '@quintet/domain'
import { create, fromBinary, type SignedStatement, SignedStatementSchema, toBinary } from '@quintet/wire'
import { StatementSchema, Suite } from '@quintet/wire'
import type { AccountState } from './account-state.ts'
import { countable } from './countable.ts'
import { activeDevice } from './device-view.ts'
import { type SignFn, verifySignature } from './signature.ts'

const prefix = asciiBytes('quintet/statement/v1\0')

/** What a device announces of itself (D5). Nothing in it identifies a person. */
export interface DeviceStatement {
  readonly account: AccountId
  readonly device: DeviceId
  readonly counter: bigint
  readonly appVersion: string
  readonly protocolMin: number
  readonly protocolMax: number
  readonly features: readonly string[]
  /** Those that this code knows; others are left out. */
  readonly suites: readonly ('base' | 'hybrid')[]
}

export type StatementFault = 'malformed' | 'wrong-account' | 'unknown-device' | 'bad-signature'
export type ParsedStatement =
  | { readonly ok: true; readonly statement: DeviceStatement }
  | { readonly ok: false; readonly fault: StatementFault }

/** What is signed of a statement, its prefix apart. */
export function encodeStatement(statement: DeviceStatement): Uint8Array {
  return toBinary(
    StatementSchema,
    create(StatementSchema, {
      account: bytesOf(statement.account),
      device: bytesOf(statement.device),
      counter: statement.counter,
      appVersion: statement.appVersion,
      protocolMin: statement.protocolMin,
      protocolMax: statement.protocolMax,
      features: [...statement.features],
      suites: statement.suites.map((suite) => (suite === 'hybrid' ? Suite.HYBRID : Suite.BASE)),
    }),
  )
}

/** Signs with the device's log key. */
export async function signStatement(statement: DeviceStatement, sign: SignFn): Promise<SignedStatement> {
  const bytes = encodeStatement(statement)
  return create(SignedStatementSchema, { statement: bytes, signature: await sign(concatBytes(prefix, bytes)) })
}

/** Accepts only what an active device of this account signed. */
export function parseStatement(signed: SignedStatement, state: AccountState): ParsedStatement {
  const statement = decodeStatement(signed.statement)
  if (statement === undefined) return { ok: false, fault: 'malformed' }
  if (statement.account !== state.account) return { ok: false, fault: 'wrong-account' }
  const record = activeDevice(state, statement.device)
  if (record === undefined) return { ok: false, fault: 'unknown-device' }
  return verifyStatement(signed, record.logKey) ? { ok: true, statement } : { ok: false, fault: 'bad-signature' }
}

/** For a device that no log lists yet (linking): the signature alone, by the key that it is to be listed with. */
export function verifyStatement(signed: SignedStatement, logKey: Uint8Array): boolean {
  return verifySignature(logKey, concatBytes(prefix, signed.statement), signed.signature)
}

/** What a statement takes at most: bytes. Everybody who meets the account keeps it. */
const maxStatementBytes = 4096

/** Reads a statement without checking who signed it; undefined as well for one too long, or counted too far to be stored. */
export function decodeStatement(bytes: Uint8Array): DeviceStatement | undefined {
  if (bytes.length > maxStatementBytes) return undefined
  try {
    const { account, device, suites, ...rest } = fromBinary(StatementSchema, bytes)
    const ids = { account: parseAccountBytes(account), device: parseDeviceBytes(device) }
    if (ids.account === undefined || ids.device === undefined || rest.protocolMin > rest.protocolMax) return undefined
    if (rest.counter >= countable) return undefined
    return {
      account: ids.account,
      device: ids.device,
      counter: rest.counter,
      appVersion: rest.appVersion,
      protocolMin: rest.protocolMin,
      protocolMax: rest.protocolMax,
      features: rest.features,
      suites: suites.flatMap((suite) => (suite === Suite.HYBRID ? ['hybrid'] : suite === Suite.BASE ? ['base'] : [])),
    }
  } catch {
    return undefined
  }
}

/**
 * Which of two statements of one device counts (D5): the highest counter seen.
 *
 * `downgrade` = a lower counter, or the same one with other content: shown, and nothing below `kept` is used.
 */
export function newerStatement(
  kept: SignedStatement | undefined,
  seen: SignedStatement,
): 'newer' | 'same' | 'downgrade' {
  const after = decodeStatement(seen.statement)
  if (after === undefined) return 'downgrade'
  const before = kept && decodeStatement(kept.statement)
  if (kept === undefined || before === undefined || after.counter > before.counter) return 'newer'
  return after.counter === before.counter && sameBytes(kept.statement, seen.statement) ? 'same' : 'downgrade'
}
