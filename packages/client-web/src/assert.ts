/** The value, which an invariant says is there; its absence is a fault of ours, told by `invariant`. */
export function must<T>(value: T | undefined, invariant: string): T {
  if (value === undefined) throw new Error(`broken invariant: ${invariant}`)
  return value
}
