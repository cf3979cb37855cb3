import type { DeviceId } from '@quintet/domain'
import type { Database } from '../ports.ts'
import { blobOf, deviceOf, numberOf } from '../store/row.ts'

/** How far one device's ops have been taken in: the counter and hash of its last. */
export interface Version {
  readonly counter: number
  readonly last: Uint8Array
}

/** Counter 0 with an empty hash before a device's first op. */
export function versionOf(db: Database, device: DeviceId): Version {
  const row = db.get('select counter, last from self_version where device = ?', device)
  return row === undefined
    ? { counter: 0, last: new Uint8Array() }
    : { counter: numberOf(row, 'counter'), last: blobOf(row, 'last') }
}

/** Notes the newest op that was taken in. */
export function setVersion(db: Database, device: DeviceId, version: Version): void {
  db.run(
    'insert or replace into self_version (device, counter, last) values (?, ?, ?)',
    device,
    version.counter,
    version.last,
  )
}

/** The version vector, by device. */
export function allVersions(db: Database): readonly (Version & { readonly device: DeviceId })[] {
  return db.all('select device, counter, last from self_version order by device').map((row) => ({
    device: deviceOf(row, 'device'),
    counter: numberOf(row, 'counter'),
    last: blobOf(row, 'last'),
  }))
}
