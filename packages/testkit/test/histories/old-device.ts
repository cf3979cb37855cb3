import type { Device } from '@quintet/testkit'
import { fromBinary, SignedStatementSchema, StatementSchema, Suite, toBinary } from '@quintet/wire'

/** Lets a device believe that somebody's device cannot do the hybrid suite: what it creates next is in the base suite (X3). */
export function knowOldDevice(device: Device): void {
  const own = device.client.self()?.account ?? ''
  const row = device.database.get('select account, device, signed from statement where account <> ? limit 1', own)
  if (!(row?.['signed'] instanceof Uint8Array)) throw new Error('it knows nobody else')
  const signed = fromBinary(SignedStatementSchema, row['signed'])
  const statement = fromBinary(StatementSchema, signed.statement)
  statement.suites = [Suite.BASE]
  statement.counter += 1n
  signed.statement = toBinary(StatementSchema, statement)
  device.database.run(
    'update statement set signed = ?, counter = ? where account = ? and device = ?',
    toBinary(SignedStatementSchema, signed),
    Number(statement.counter),
    row['account'] ?? '',
    row['device'] ?? '',
  )
}
