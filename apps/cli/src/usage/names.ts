import { InvalidArgumentError } from 'commander'
import { unmarked } from './texts.ts'

const mostLetters = 100

/** What a device or a group is called: one line that says something. */
export function parseName(text: string): string {
  const name = unmarked(text)
  if (name.trim() === '') throw new InvalidArgumentError('A name needs at least one letter.')
  if (/\p{Cc}/u.test(name)) throw new InvalidArgumentError('A name is one line.')
  if (name.length > mostLetters) throw new InvalidArgumentError(`A name has ${mostLetters} letters at most.`)
  return text
}
