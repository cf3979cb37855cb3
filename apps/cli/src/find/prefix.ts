/** The one id that begins with `text` (its letter may be left out); undefined when none or several do. */
export function byPrefix<T extends string>(text: string, ids: Iterable<T>): T | undefined {
  const digits = text.replace(/^[a-z]_/, '')
  if (!/^[0-9a-f]{4,64}$/.test(digits)) return undefined
  let found: T | undefined
  for (const id of ids) {
    if (!id.startsWith(digits, 2) || id === found) continue
    if (found !== undefined) return undefined
    found = id
  }
  return found
}
