/**
 * A short code as a person typed it, in the form that the relay gave out: eight characters of Crockford's base32.
 *
 * Case, spaces and dashes do not matter; I and L are read as 1, O as 0. Undefined for anything else.
 */
export function parseShortCode(text: string): string | undefined {
  const code = text.toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0')
  return /^[0-9A-HJKMNP-TV-Z]{8}$/.test(code) ? code : undefined
}

/** As it is shown: four, a dash, four. */
export function shownCode(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`
}
