import type { DescMessage } from '@bufbuild/protobuf'
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'

/** Bytes of the shortest field: a tag and an empty content. */
const shortestField = 2

/**
 * Whether bytes hold at most `limit` fields, those of messages inside counted too.
 *
 * A decoded field takes up to a hundred times the two bytes that it takes on the wire, so that bytes are no measure of
 * what a frame costs. Asked before decoding what a stranger sent. Long bytes that are no message to the letter are not
 * modest: decoding reads on where a part runs past its end.
 */
export function isModest(schema: DescMessage, bytes: Uint8Array, limit: number): boolean {
  if (bytes.length <= shortestField * limit) return true
  try {
    return count(schema, bytes, limit) <= limit
  } catch {
    return false
  }
}

/** Fields up to one more than `limit`. */
function count(schema: DescMessage, bytes: Uint8Array, limit: number): number {
  const reader = new BinaryReader(bytes)
  let fields = 0
  while (reader.pos < reader.len && fields <= limit) {
    fields++
    const [number, type] = reader.tag()
    const inner = type === WireType.LengthDelimited ? schema.fields.find((field) => field.number === number) : undefined
    if (inner?.message) fields += count(inner.message, reader.bytes(), limit - fields)
    else reader.skip(type, number)
  }
  return fields
}
