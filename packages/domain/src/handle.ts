declare const brand: unique symbol
/** The name by which a person chose to be found: 2-32 of `a-z 0-9 . _ -`, beginning with a letter. */
export type Handle = string & { readonly [brand]: 'handle' }

/** Words that commands or pages mean something by. */
const reserved = new Set([
  'self',
  'all',
  'everyone',
  'here',
  'me',
  'you',
  'admin',
  'relay',
  'quintet',
  'system',
  'none',
])

/** Undefined for what is malformed or reserved. Capital letters are not folded: what is shown is what was typed. */
export function parseHandle(text: string): Handle | undefined {
  return /^[a-z][a-z0-9._-]{1,31}$/.test(text) && !reserved.has(text) ? (text as Handle) : undefined
}
