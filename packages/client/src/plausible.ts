/** Times in ms until the year 2248, positions, counters: times 1,024 (rows of messages) it is still a safe integer. */
const limit = 2n ** 43n

/**
 * Whether every 64-bit number in a decoded message is one that may be counted with and stored.
 *
 * What the wire allows goes to 2^64: the database would refuse it, or give it back as another number.
 */
export function isPlausible(value: unknown): boolean {
  if (typeof value === 'bigint') return value >= 0n && value < limit
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return true
  return Object.values(value).every(isPlausible)
}
