const mean = (values: readonly number[]): number => values.reduce((so, value) => so + value, 0) / values.length

/** What a heap may vary by without anything being kept that should not be: bytes. */
export const toleranceBytes = 3 * 1024 * 1024

/** By how much the last third lies above the first, bytes. */
export function growth(samples: readonly number[]): number {
  const third = Math.floor(samples.length / 3)
  return mean(samples.slice(-third)) - mean(samples.slice(0, third))
}
