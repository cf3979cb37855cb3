/** True when both hold the same bytes. Not for secrets: it stops at the first difference. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  // A plain loop: `every` costs a call a byte, and whole messages are compared.
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}

/** One array holding all parts in order. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Order of bytes as unsigned numbers, a shorter prefix first: negative, 0 or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let at = 0; at < shared; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** ASCII label, as the rules write them: `"quintet/auth/v1\0"`. */
export function asciiBytes(label: string): Uint8Array {
  return Uint8Array.from(label, (letter) => letter.charCodeAt(0))
}
