/** Chance that a seed repeats: for the order of frames, back-off, ids and keys that the core draws. */
export interface Seeded {
  readonly seed: number
  /** From 0 up to, without, `below`. */
  int(below: number): number
  bytes(length: number): Uint8Array
  /** A stream of its own, so that what one draws does not shift what another gets. */
  fork(name: string): Seeded
}

/** Mulberry32: small, and every seed gives another stream. No secrets come of it outside tests. */
export function seeded(seed: number): Seeded {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  return {
    seed,
    int: (below) => next() % below,
    bytes: (length) => Uint8Array.from({ length }, () => next() & 255),
    fork(name) {
      let hash = next()
      for (const char of name) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0
      return seeded(hash)
    },
  }
}
