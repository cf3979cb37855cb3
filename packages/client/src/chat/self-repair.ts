import type { ChatId } from '@quintet/domain'
import type { Core } from '../core.ts'
import { snapshotParts } from '../selfstate/snapshot.ts'
import { metaNumber, setMeta } from '../store/meta.ts'
import { enqueue } from './outbox.ts'
import { selfChatOf } from './self-ops.ts'

/** Between two requests of one device, and between two answers to one device, ms. */
const pauseMs = 10 * 60 * 1000

/** Asks the account's other devices for all they know, where something in the self chat passed this one by (S3). In a transaction. */
export function askSnapshot(core: Core): void {
  const self = selfChatOf(core)
  if (self === undefined || !isDue(core, 'snapshot/asked')) return
  enqueue(core, self, { kind: { case: 'selfOps', value: { ops: [], ask: true } } }, { content: false })
}

/** Holes in what siblings said that nothing has filled yet. */
export function askWhereHeld(core: Core): void {
  const held = core.db.get('select 1 as one from self_held limit 1') !== undefined
  if (held) core.write(() => askSnapshot(core))
}

/** Answers a sibling that asked (S5). In a transaction. */
export function answerSnapshot(core: Core, self: ChatId, device: string): void {
  if (isDue(core, `snapshot/told/${device}`)) sendSnapshot(core, self)
}

/** Everything that stands, and how far each device's ops are in it. In a transaction. */
export function sendSnapshot(core: Core, self: ChatId): void {
  for (const snapshot of snapshotParts(core.db))
    enqueue(core, self, { kind: { case: 'selfOps', value: { ops: [], snapshot } } }, { content: false })
}

function isDue(core: Core, key: string): boolean {
  const now = Math.trunc(core.relayNow())
  const last = metaNumber(core.db, key)
  if (last !== undefined && now - last < pauseMs) return false
  setMeta(core.db, key, now)
  return true
}
