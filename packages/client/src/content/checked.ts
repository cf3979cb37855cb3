import { ClientError } from '../error.ts'
import { maxNameBytes, sizeFault } from './limits.ts'

/** Words of a person that fit; fails with `not-allowed` where there are none, with `too-large` where there are too many. */
export function checked(words: string, maxBytes: number, what: 'message' | 'name'): string {
  switch (sizeFault(words, maxBytes)) {
    case 'empty':
      throw new ClientError('not-allowed', `A ${what} needs at least one letter.`)
    case 'too-large':
      throw new ClientError('too-large', `This ${what} is too long: ${maxBytes} bytes is the most.`)
    case undefined:
      return words
  }
}

/** What a device, a person or a group is called; before anything is done that would have to be taken back. */
export function mustBeName(name: string): void {
  checked(name, maxNameBytes, 'name')
}
