/** Chance that a seed repeats. */
export interface Chance {
  /** From 0 up to, without, `below`. */
  int(below: number): number
  pick<T>(of: readonly [T, ...T[]]): T
  bytes(length: number): Uint8Array
}

/** Mulberry32: every seed gives another stream. */
export function chance(seed: number): Chance {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const int = (below: number): number => next() % below
  return {
    int,
    pick: (of) => of[int(of.length)] ?? of[0],
    bytes: (length) => Uint8Array.from({ length }, () => next() & 255),
  }
}
