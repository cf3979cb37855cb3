/** How values of the self state are written: words as UTF-8, numbers as decimal digits. */
const encoder = new TextEncoder()

/** Words, as a value. */
export function wordsValue(words: string): Uint8Array {
  return encoder.encode(words)
}

/** The words of a value; undefined when it is not UTF-8. */
export function parseWords(value: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(value)
  } catch {
    return undefined
  }
}

/** A number from 0 to 2^53 - 1, as a value. */
export function numberValue(number: number): Uint8Array {
  return encoder.encode(String(number))
}

/** The number of a value; undefined when it is not one that this code would write. */
export function parseNumber(value: Uint8Array): number | undefined {
  const words = parseWords(value)
  if (words === undefined || !/^(0|[1-9][0-9]{0,15})$/.test(words)) return undefined
  const number = Number(words)
  return Number.isSafeInteger(number) ? number : undefined
}
