/** One field of an encoded protobuf message: its number and wire type, and what comes after the tag. */
interface Field {
  readonly number: number
  readonly type: number
  /** A varint's or fixed number's bytes, or the content of a field with a length. */
  readonly content: Uint8Array
}

/** Where varints break: the ends of 7, 31, 32, 43, 53, 63 and 64 bits, and what lies beside them. */
const extremes = [
  0n,
  1n,
  127n,
  128n,
  2n ** 31n,
  2n ** 32n,
  2n ** 43n,
  2n ** 48n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n,
].flatMap((end) => [end, end - 1n, end + 1n].filter((each) => each >= 0n && each < 2n ** 64n))

/** Lengths of ids, hashes, keys and signatures, and those beside them. */
const lengths = [0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 55, 56, 63, 64, 65, 1215, 1216, 1217, 5000]

function varint(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  return Uint8Array.of(...bytes, Number(rest))
}

function encode({ number, type, content }: Field): Uint8Array {
  const tag = varint(BigInt(number) * 8n + BigInt(type))
  const parts = type === 2 ? [tag, varint(BigInt(content.length)), content] : [tag, content]
  return Buffer.concat(parts)
}

/** The fields of an encoded message; undefined for what is none. */
function decode(bytes: Uint8Array): Field[] | undefined {
  const fields: Field[] = []
  let at = 0
  const number = (): number | undefined => {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = bytes[at++]
      if (byte === undefined) return undefined
      value += (byte & 127) * 2 ** shift
      if (byte < 128) return value
    }
    return undefined
  }
  while (at < bytes.length) {
    const tag = number()
    if (tag === undefined || tag < 8) return undefined
    const type = tag & 7
    const from = at
    let length = type === 1 ? 8 : type === 5 ? 4 : 0
    if (type === 0) {
      while ((bytes[at + length] ?? 0) > 127) length++
      length++
    } else if (type === 2) {
      const said = number()
      if (said === undefined) return undefined
      length = said
    } else if (type !== 1 && type !== 5) return undefined
    const start = type === 2 ? at : from
    if (start + length > bytes.length) return undefined
    at = start + length
    fields.push({ number: Math.floor(tag / 8), type, content: bytes.slice(start, at) })
  }
  return fields
}

/** How one field, somewhere in the message, is changed. All numbers are drawn at random. */
export interface FieldChange {
  readonly kind: number
  readonly where: number
  readonly what: number
  /** How often it goes down into a field that is a message itself. */
  readonly depth: number
}

/** The message with one field changed: dropped, doubled, renamed, resized, swapped, set to an extreme, nested … */
export function changeField(bytes: Uint8Array, change: FieldChange): Uint8Array {
  const fields = decode(bytes)
  if (fields === undefined || fields.length === 0) return appended(bytes, change)
  const at = change.where % fields.length
  const field = fields[at]
  if (field === undefined) return bytes
  const inner = change.depth > 0 && field.type === 2 && field.content.length > 1 && decode(field.content) !== undefined
  if (inner) {
    const further = { ...change, depth: change.depth - 1, where: Math.floor(change.where / fields.length) }
    fields[at] = { ...field, content: changeField(field.content, further) }
    return Buffer.concat(fields.map(encode))
  }
  return Buffer.concat(
    changed(fields, at, field, change).map((each) => (each instanceof Uint8Array ? each : encode(each))),
  )
}

function changed(fields: Field[], at: number, field: Field, { kind, what }: FieldChange): (Field | Uint8Array)[] {
  const others = (replaced: readonly (Field | Uint8Array)[]) => [
    ...fields.slice(0, at),
    ...replaced,
    ...fields.slice(at + 1),
  ]
  switch (kind % 11) {
    case 0:
      return others([])
    case 1:
      return others([field, field])
    case 2: // the same content under another number
      return others([{ ...field, number: 1 + (what % 40) }])
    case 3: // another wire type
      return others([{ number: field.number, type: 0, content: varint(extremes[what % extremes.length] ?? 0n) }])
    case 4:
      return others([resized(field, lengths[what % lengths.length] ?? 0)])
    case 5: {
      const other = fields[what % fields.length] ?? field
      return others([
        { ...field, content: other.type === field.type ? other.content : field.content.map((byte) => ~byte) },
      ])
    }
    case 6: // many of it
      return others(Array.from({ length: 2 + (what % 300) }, () => field))
    case 7: // a length that lies
      return others([lying(field, what)])
    case 8: // groups in groups
      return others([field, new Uint8Array(1 + (what % 3000)).fill(0x0b)])
    case 9: // a field of a later version
      return others([field, { number: 1000 + (what % 500_000), type: 2, content: new Uint8Array(what % 40) }])
    case 10:
      return [...fields].reverse()
  }
  return fields
}

function resized(field: Field, length: number): Field {
  const content = new Uint8Array(length)
  content.set(field.content.subarray(0, length))
  return { number: field.number, type: 2, content }
}

function lying(field: Field, what: number): Uint8Array {
  const tag = varint(BigInt(field.number) * 8n + 2n)
  const length = varint(
    [BigInt(field.content.length + 1 + (what % 9)), 2n ** 31n - 1n, 2n ** 32n - 1n, 2n ** 40n][what % 4] ?? 0n,
  )
  return Buffer.concat([tag, length, field.content])
}

function appended(bytes: Uint8Array, { what }: FieldChange): Uint8Array {
  return Buffer.concat([bytes, encode({ number: 1 + (what % 20), type: 2, content: new Uint8Array(what % 70) })])
}
