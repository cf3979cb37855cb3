import { type AccountId, bytesOf, parseAccountBytes } from '@quintet/domain'
import { fromBinary, type Head, type Pin, PinSchema, type SelfOp, create, toBinary } from '@quintet/wire'
import type { Database } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { selfKey } from './key.ts'
import { localOp } from './local.ts'
import { wordsValue } from './value.ts'
import { standingValue, valuesOf } from './winner.ts'

/** The head of somebody's device log that this account pinned, on any device (D12). */
export function pinOf(db: Database, account: AccountId): Pin | undefined {
  const value = standingValue(db, { family: 'contact', account })
  return value === undefined ? undefined : parsePin(db, value)
}

/** Every pin, verified marks filled in. */
export function pins(db: Database): readonly Pin[] {
  return valuesOf(db, 'contact').flatMap((op) => parsePin(db, op.value) ?? [])
}

/** Pins a newer head; undefined when one as new is pinned already. */
export function setPin(
  db: Database,
  me: Me,
  account: AccountId,
  head: Pick<Head, 'position' | 'hash'>,
): SelfOp | undefined {
  const known = pinOf(db, account)?.head
  if (known !== undefined && known.position >= head.position) return undefined
  const pin = create(PinSchema, { account: bytesOf(account), head: { position: head.position, hash: head.hash } })
  return localOp(db, me, selfKey({ family: 'contact', account }), toBinary(PinSchema, pin))
}

/** True when the safety words of that account were compared (D13). */
export function isVerified(db: Database, account: AccountId): boolean {
  return standingValue(db, { family: 'verified', account }) !== undefined
}

/** Sets or takes back the mark; undefined when it is so already. */
export function setVerified(db: Database, me: Me, account: AccountId, on: boolean): SelfOp | undefined {
  if (isVerified(db, account) === on) return undefined
  return localOp(db, me, selfKey({ family: 'verified', account }), on ? wordsValue('on') : undefined)
}

function parsePin(db: Database, value: Uint8Array): Pin | undefined {
  try {
    const pin = fromBinary(PinSchema, value)
    const account = parseAccountBytes(pin.account)
    if (account === undefined) return undefined
    pin.verified = isVerified(db, account)
    return pin
  } catch {
    return undefined
  }
}
