import { InvalidArgumentError } from 'commander'

/** A count of at least one. */
export function parseCount(text: string): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < 1 || number > 1_000_000)
    throw new InvalidArgumentError('It takes a whole number from 1.')
  return number
}

/** Seconds, fractions too; answers ms. */
export function parseSeconds(text: string): number {
  const number = Number(text)
  if (!/^\d+(\.\d+)?$/.test(text) || number > 86_400)
    throw new InvalidArgumentError('It takes a number of seconds, 0 to 86400.')
  return Math.round(number * 1000)
}
