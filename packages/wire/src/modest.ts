import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf'
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
    const known = schema.fields.find((field) => field.number === number)
    // Decoding goes by the schema: it would read a number as a length, and take what stands inside for fields.
    if (known !== undefined && !wireTypes(known).includes(type)) return limit + 1
    if (known?.message) fields += count(known.message, reader.bytes(), limit - fields)
    else reader.skip(type, number)
  }
  return fields
}

/** As which a field may be written; repeated numbers also in one piece. */
function wireTypes(field: DescField): readonly WireType[] {
  const { message, scalar, fieldKind } = field
  if (message !== undefined || fieldKind === 'map') return [WireType.LengthDelimited]
  const one = scalar === undefined ? WireType.Varint : wireTypeOf(scalar)
  return fieldKind === 'list' ? [one, WireType.LengthDelimited] : [one]
}

function wireTypeOf(scalar: ScalarType): WireType {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return WireType.LengthDelimited
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
    case ScalarType.DOUBLE:
      return WireType.Bit64
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
    case ScalarType.FLOAT:
      return WireType.Bit32
    case ScalarType.BOOL:
    case ScalarType.INT32:
    case ScalarType.INT64:
    case ScalarType.SINT32:
    case ScalarType.SINT64:
    case ScalarType.UINT32:
    case ScalarType.UINT64:
      return WireType.Varint
  }
}
