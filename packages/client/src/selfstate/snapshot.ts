import { bytesOf } from '@quintet/domain'
import { create, type SelfOp, SelfOpSchema, type SelfSnapshot, SelfSnapshotSchema, toBinary } from '@quintet/wire'
import type { Database } from '../ports.ts'
import type { Op } from './op.ts'
import { allVersions } from './version.ts'
import { allWinners } from './winner.ts'

/** The whole state and how far each device's ops are in it (S5). */
export function snapshot(db: Database): SelfSnapshot {
  const versions = allVersions(db).map(({ device, counter, last }) => ({
    device: bytesOf(device),
    counter: BigInt(counter),
    last,
  }))
  return create(SelfSnapshotSchema, { winners: allWinners(db).map(wireOf), versions })
}

/**
 * The same in parts of about `maxBytes`, to be sent and imported in this order.
 *
 * The version vector is in the last: whoever has only some of the parts must not believe to have it all.
 */
export function snapshotParts(db: Database, maxBytes = 128 * 1024): readonly SelfSnapshot[] {
  const { winners, versions } = snapshot(db)
  const parts: SelfOp[][] = [[]]
  let bytes = 0
  for (const winner of winners) {
    const size = toBinary(SelfOpSchema, winner).length
    if (bytes > 0 && bytes + size > maxBytes) {
      parts.push([])
      bytes = 0
    }
    parts.at(-1)?.push(winner)
    bytes += size
  }
  return parts.map((part, at) =>
    create(SelfSnapshotSchema, { winners: part, versions: at === parts.length - 1 ? versions : [] }),
  )
}

function wireOf(op: Op): SelfOp {
  return create(SelfOpSchema, {
    key: op.key,
    value: op.value ?? new Uint8Array(),
    tombstone: op.value === undefined,
    lamport: BigInt(op.lamport),
    device: bytesOf(op.device),
    counter: BigInt(op.counter),
  })
}
