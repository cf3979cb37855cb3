const small = [192, 256, 384, 512, 1024] as const
/** Field 15, bytes: `Sealed.padding`. */
const paddingTag = 0x7a

/** The smallest size of the table above `bytes` (R7): five small ones, then each 12 % above the one before. */
function sizeAfter(bytes: number): number {
  let size: number = small.find((step) => step > bytes) ?? 1024
  while (size <= bytes) size = Math.floor((size * 28) / 25)
  return size
}

/**
 * Brings an encoded `Sealed` to a size of the table by its padding field.
 *
 * A remainder that no field can fill exactly (a field takes at least two bytes) goes one size further.
 */
export function padSealed(encoded: Uint8Array): Uint8Array {
  let size = sizeAfter(encoded.length - 1)
  let padding = paddingField(size - encoded.length)
  while (padding === undefined) {
    size = sizeAfter(size)
    padding = paddingField(size - encoded.length)
  }
  const padded = new Uint8Array(size)
  padded.set(encoded)
  padded.set(padding, encoded.length)
  return padded
}

/** The head of a padding field that takes `bytes` in all; its content is zeros. */
function paddingField(bytes: number): readonly number[] | undefined {
  if (bytes === 0) return []
  for (let lengthBytes = 1; lengthBytes <= 4; lengthBytes++) {
    const length = bytes - 1 - lengthBytes
    if (length < 0) return undefined
    const head = varint(length)
    if (head.length === lengthBytes) return [paddingTag, ...head]
  }
  return undefined
}

function varint(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}
