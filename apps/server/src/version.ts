/** What the relay calls itself in its greeting; the version of the checkout. */
export const version = '0.1.0'
