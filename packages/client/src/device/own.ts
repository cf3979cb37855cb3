import { parseAccountId, parseDeviceId } from '@quintet/domain'
import type { Own } from '../core.ts'
import type { Database } from '../ports.ts'
import { metaNumber, metaText, setMeta } from '../store/meta.ts'

/** Who this profile is; undefined before sign-up, linking or recovery. */
export function readOwn(db: Database): Own | undefined {
  const account = parseAccountId(metaText(db, 'account') ?? '')
  const device = parseDeviceId(metaText(db, 'device') ?? '')
  const position = metaNumber(db, 'position')
  if (account === undefined || device === undefined || position === undefined) return undefined
  return { account, device, position: BigInt(position) }
}

/** From now on this profile is that device. */
export function writeOwn(db: Database, own: Own): void {
  setMeta(db, 'account', own.account)
  setMeta(db, 'device', own.device)
  setMeta(db, 'position', Number(own.position))
}
