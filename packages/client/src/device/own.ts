import { parseAccountId, parseDeviceId } from '@quintet/domain'
import type { Own } from '../core.ts'
import type { Database } from '../ports.ts'
import { metaNumber, setMeta } from '../store/meta.ts'
import { numberOf, textOf } from '../store/row.ts'

/** Who this profile is; undefined before sign-up, linking or recovery. */
export function readOwn(db: Database): Own | undefined {
  const row = db.get(
    `select a.value as account, d.value as device, p.value as position from meta a, meta d, meta p
     where a.key = 'account' and d.key = 'device' and p.key = 'position'`,
  )
  if (row === undefined) return undefined
  const account = parseAccountId(textOf(row, 'account'))
  const device = parseDeviceId(textOf(row, 'device'))
  const position = numberOf(row, 'position')
  if (account === undefined || device === undefined) return undefined
  return { account, device, position: BigInt(position) }
}

/** True while a recovery is under way, and after one that was cut off: what the kit keeps is still to be taken in. */
export function isRecovering(db: Database): boolean {
  return metaNumber(db, 'recovering') === 1
}

export function setRecovering(db: Database, on: boolean): void {
  setMeta(db, 'recovering', on ? 1 : undefined)
}

/** From now on this profile is that device. */
export function writeOwn(db: Database, own: Own): void {
  setMeta(db, 'account', own.account)
  setMeta(db, 'device', own.device)
  setMeta(db, 'position', Number(own.position))
}
