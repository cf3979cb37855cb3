/** What the decoder says of bytes that are no message it reads. `at` is the offset; bytes are never part of it. */
export class MlsFormatError extends Error {
  override readonly name = 'MlsFormatError'
  readonly code = 'mls-malformed'
  readonly at: number
  constructor(what: string, at: number) {
    super(`${what} at ${at}`)
    this.at = at
  }
}

/** Reads the TLS presentation language as RFC 9420 uses it. Every read past the end is an MlsFormatError. */
export class TlsReader {
  private readonly bytes: Uint8Array
  private readonly view: DataView
  private at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get done(): boolean {
    return this.at === this.bytes.length
  }

  private take(length: number): number {
    const from = this.at
    if (length > this.bytes.length - from) throw new MlsFormatError('ends early', from)
    this.at = from + length
    return from
  }

  u8(): number {
    return this.view.getUint8(this.take(1))
  }

  u16(): number {
    return this.view.getUint16(this.take(2))
  }

  u32(): number {
    return this.view.getUint32(this.take(4))
  }

  u64(): bigint {
    return this.view.getBigUint64(this.take(8))
  }

  /** A variable-size length (RFC 9420 2.1.2): 1, 2 or 4 bytes, and only the shortest form. */
  private length(): number {
    const from = this.at
    const first = this.u8()
    const form = first >> 6
    if (form === 0) return first
    if (form === 1) {
      const length = ((first & 0x3f) << 8) | this.u8()
      if (length < 0x40) throw new MlsFormatError('length not minimal', from)
      return length
    }
    if (form === 2) {
      this.at = from
      const length = this.u32() & 0x3fffffff
      if (length < 0x4000) throw new MlsFormatError('length not minimal', from)
      return length
    }
    throw new MlsFormatError('length of unknown form', from)
  }

  /** `opaque x<V>`: a view, not a copy. */
  opaque(): Uint8Array {
    const length = this.length()
    const from = this.take(length)
    return this.bytes.subarray(from, from + length)
  }

  /** `T x<V>`: reads items until the vector's bytes are used up. */
  vector<T>(read: (reader: TlsReader) => T): readonly T[] {
    const inner = new TlsReader(this.opaque())
    const items: T[] = []
    while (!inner.done) items.push(read(inner))
    return items
  }

  fail(what: string): never {
    throw new MlsFormatError(what, this.at)
  }

  /** The message must end here. */
  end(): void {
    if (!this.done) this.fail('goes on after its end')
  }
}
