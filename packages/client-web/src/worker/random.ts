import type { Random } from '@quintet/client'

/** What `getRandomValues` gives at most at once, bytes. */
const mostAtOnce = 65_536

/** The browser's generator. */
export function webRandom(): Random {
  return {
    bytes(length) {
      const bytes = new Uint8Array(length)
      for (let at = 0; at < length; at += mostAtOnce) crypto.getRandomValues(bytes.subarray(at, at + mostAtOnce))
      return bytes
    },
  }
}
