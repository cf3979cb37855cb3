/**
 * Beyond every counter, and every time in ms until the year 2248, that a device would write.
 *
 * What is signed may say anything up to 2^64, which no database and no calendar takes as it is.
 */
export const countable: bigint = 2n ** 43n
