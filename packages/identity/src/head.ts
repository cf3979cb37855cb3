import { sameBytes } from '@quintet/domain'
import type { LogEntry } from '@quintet/wire'
import type { LogHead } from './account-state.ts'
import { entryHash } from './entry.ts'

/** As heads go into sealed bodies and commits: the hash cut to 8 bytes (D10). */
export function shortHead(head: LogHead): LogHead {
  return { position: head.position, hash: head.hash.slice(0, 8) }
}

/**
 * How a head that someone names stands to one's own: `ahead` = fetch first, `behind` = it knows less,
 * `forked` = same position, another hash (D11). Either hash may be cut short.
 */
export function compareHeads(own: LogHead, named: LogHead): 'same' | 'ahead' | 'behind' | 'forked' {
  if (named.position > own.position) return 'ahead'
  if (named.position < own.position) return 'behind'
  const length = Math.min(own.hash.length, named.hash.length)
  const equal = length >= 8 && sameBytes(own.hash.subarray(0, length), named.hash.subarray(0, length))
  return equal ? 'same' : 'forked'
}

/** Whether a log, from its genesis, goes through a pinned head: `shorter` and `differs` are both a rollback (D12). */
export function checkPin(pinned: LogHead, entries: readonly LogEntry[]): 'extends' | 'shorter' | 'differs' {
  const entry = entries[Number(pinned.position)]
  if (entry === undefined) return 'shorter'
  return sameBytes(entryHash(entry), pinned.hash) ? 'extends' : 'differs'
}

/** True when every entry of `shorter` stands, byte for byte, at the same place in `longer`. */
export function isPrefix(shorter: readonly LogEntry[], longer: readonly LogEntry[]): boolean {
  return shorter.every((entry, at) => {
    const other = longer[at]
    return other !== undefined && sameBytes(entryHash(entry), entryHash(other))
  })
}
