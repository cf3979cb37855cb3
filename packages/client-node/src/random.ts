import { randomBytes } from 'node:crypto'
import type { Random } from '@quintet/client'

/** The system's generator. */
export function nodeRandom(): Random {
  return { bytes: (length) => new Uint8Array(randomBytes(length)) }
}
