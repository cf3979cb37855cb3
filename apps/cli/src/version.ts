/** The version of the checkout. */
export const version = '0.1.0'
