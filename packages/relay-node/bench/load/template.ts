import type { Template } from './dialect.ts'
import { clientFrame, maskByte } from './line.ts'
import { stampBytes } from './plan.ts'

/** Writes into a frame that is masked already. */
interface Patch {
  u32(at: number, value: number): void
  /** A varint of exactly five bytes. */
  varint(at: number, value: number): void
}

/** `bodyEnd` is where the message ends in the payload. */
export function template(
  payload: Uint8Array,
  bodyEnd: number,
  write: (patch: Patch, id: number, n: number) => void,
): Template {
  const masked = clientFrame(payload)
  const stamped = new Uint8Array(stampBytes)
  const view = new DataView(stamped.buffer)
  const end = 8 + bodyEnd
  return {
    next(id, n, stamp) {
      const frame = Buffer.from(masked)
      const put = (at: number, byte: number): void => {
        frame[8 + at] = byte ^ maskByte
      }
      write(
        {
          u32(at, value) {
            for (let byte = 0; byte < 4; byte++) put(at + byte, (value >>> (24 - 8 * byte)) & 0xff)
          },
          varint(at, value) {
            for (let byte = 0; byte < 4; byte++) put(at + byte, ((value >>> (7 * byte)) & 0x7f) | 0x80)
            put(at + 4, value >>> 28)
          },
        },
        id,
        n,
      )
      stamp(view)
      for (let at = 0; at < stampBytes; at++) frame[end - stampBytes + at] = (stamped[at] ?? 0) ^ maskByte
      return frame
    },
  }
}
