/** Throws when what must hold does not: a fault of this code, never of a caller. */
export function assert(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what)
}

/** The value, which must be there. */
export function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(what)
  return value
}
