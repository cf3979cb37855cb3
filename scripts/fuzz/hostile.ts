import fc from 'fast-check'
import { changeField } from './protobuf.ts'

/** One change to raw bytes, drawn at random. */
type Edit = readonly [kind: number, where: number, what: number]

const edit: fc.Arbitrary<Edit> = fc.tuple(fc.nat(7), fc.nat(), fc.nat())

/** Bytes that were good before somebody flipped, cut, doubled, spliced or overwrote something in them. */
function edited(bytes: Uint8Array, [kind, where, what]: Edit, other: Uint8Array): Uint8Array {
  if (bytes.length === 0) return other
  const at = where % bytes.length
  const copy = Uint8Array.from(bytes)
  switch (kind) {
    case 0:
      copy[at] = (copy[at] ?? 0) ^ (1 << (what & 7))
      return copy
    case 1:
      copy[at] = what & 255
      return copy
    case 2: // the sign, the highest length, the highest id
      copy.fill(what & 1 ? 255 : 0, at, at + 1 + (what % 8))
      return copy
    case 3:
      return copy.subarray(0, at)
    case 4: // a piece left out
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + 1 + (what % 40))])
    case 5: // a piece said twice
      return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.max(0, at - 1 - (what % 40)))])
    case 6: // two messages in one
      return Buffer.concat([copy, other])
    case 7: // the beginning of one, the end of another
      return Buffer.concat([copy.subarray(0, at), other.subarray(what % (other.length + 1))])
  }
  return copy
}

/** Raw bytes near to good ones: one to four edits. */
export function nearTo(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const sample = fc.nat(samples.length - 1)
  return fc.tuple(sample, sample, fc.array(edit, { minLength: 1, maxLength: 4 })).map(([one, two, edits]) => {
    const [first, second] = [samples[one], samples[two]]
    if (first === undefined || second === undefined) return new Uint8Array()
    return plain(edits.reduce((bytes, each) => edited(bytes, each, second), first))
  })
}

/** Protobuf messages with one to three fields changed, at any depth from `from` on; the encoding mostly still holds. */
export function fieldsChanged(samples: readonly Uint8Array[], from = 0): fc.Arbitrary<Uint8Array> {
  const depth = fc.integer({ min: from, max: from + 4 })
  const change = fc.record({ kind: fc.nat(10), where: fc.nat(), what: fc.nat(), depth })
  const changes = fc.array(change, { minLength: 1, maxLength: 3 })
  return fc
    .tuple(fc.nat(samples.length - 1), changes)
    .map(([at, all]) => plain(all.reduce(changeField, samples[at] ?? new Uint8Array())))
}

/** Whatever a stranger could send where `samples` would be in order: noise, spoilt samples, changed fields, now and then a good one. */
export function hostile(samples: readonly Uint8Array[], longest = 300): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: longest }) },
    { weight: 4, arbitrary: nearTo(samples) },
    { weight: 6, arbitrary: fieldsChanged(samples) },
    { weight: 1, arbitrary: fc.nat(samples.length - 1).map((at) => plain(samples[at] ?? new Uint8Array())) },
  )
}

/** The same for bytes of another format than protobuf. */
export function spoilt(samples: readonly Uint8Array[], longest = 300): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: longest }) },
    { weight: 6, arbitrary: nearTo(samples) },
    { weight: 2, arbitrary: fc.nat(samples.length - 1).map((at) => plain(samples[at] ?? new Uint8Array())) },
  )
}

/** A copy of its own memory, and no Buffer: what is read is what was meant. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}

/** Text near to good text: letters changed, cut, doubled, made odd. */
export function hostileText(samples: readonly string[]): fc.Arbitrary<string> {
  const odd = fc.constantFrom('\0', '\u202e', '\ud800', '\u{1f600}', '%', '=', '-', '/', '\n', 'İ', 'ſ', '⁠', ' ', '٣')
  const near = fc
    .tuple(fc.constantFrom(...samples), fc.array(fc.tuple(fc.nat(3), fc.nat(), odd), { minLength: 1, maxLength: 4 }))
    .map(([sample, edits]) =>
      edits.reduce((text, [kind, where, letter]) => {
        const at = where % (text.length + 1)
        if (kind === 0) return text.slice(0, at) + letter + text.slice(at)
        if (kind === 1) return text.slice(0, at) + letter + text.slice(at + 1)
        if (kind === 2) return text.slice(0, at)
        return text.slice(at) + text.slice(0, at)
      }, sample),
    )
  return fc.oneof(
    { weight: 1, arbitrary: fc.string({ maxLength: 60 }) },
    { weight: 1, arbitrary: fc.array(fc.nat(0xffff), { maxLength: 20 }).map((units) => String.fromCharCode(...units)) },
    { weight: 6, arbitrary: near },
    { weight: 1, arbitrary: fc.constantFrom(...samples) },
  )
}
