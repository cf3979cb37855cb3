import { bytesOf } from '@quintet/domain'
import { create, type SelfOp, SelfOpSchema } from '@quintet/wire'
import type { Database } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { opHash } from './op.ts'
import { letStand } from './stand.ts'
import { setVersion, versionOf } from './version.ts'
import { highestLamport } from './winner.ts'

/**
 * Makes this device's next op and lets it count here at once; undefined as value is a tombstone.
 *
 * Called inside a transaction. The caller must put what it gets into the outbox of the self chat in the same
 * transaction and never take it back: siblings hold everything after a missing op (S3).
 */
export function localOp(db: Database, me: Me, key: string, value: Uint8Array | undefined): SelfOp {
  const version = versionOf(db, me.device)
  const lamport = highestLamport(db) + 1
  const counter = version.counter + 1
  const op = create(SelfOpSchema, {
    key,
    value: value ?? new Uint8Array(),
    tombstone: value === undefined,
    lamport: BigInt(lamport),
    device: bytesOf(me.device),
    counter: BigInt(counter),
    previous: version.last,
  })
  setVersion(db, me.device, { counter, last: opHash(op) })
  letStand(db, me, { key, value, lamport, device: me.device, counter })
  return op
}
