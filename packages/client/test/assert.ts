/** What a test takes for granted; fails it where that is wrong. */
export function assert<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('expected a value')
  return value
}
