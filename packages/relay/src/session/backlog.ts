/** A connection with bytes that the network has not taken. */
interface SlowReader {
  readonly waitingBytes: number
  cutOff(): void
}

/** What all slow readers together leave waiting, those too who have been let go and have not taken the last of it. */
export class Backlog {
  private readonly readers = new Map<SlowReader, number>()
  private readonly bound: () => number
  private sum = 0

  constructor(bound: () => number) {
    this.bound = bound
  }

  /** Much waits there. If too much waits everywhere, those go who have left most. */
  note(reader: SlowReader, bytes: number): void {
    this.sum += bytes - (this.readers.get(reader) ?? 0)
    this.readers.set(reader, bytes)
    if (this.sum > this.bound()) this.makeRoom()
  }

  private makeRoom(): void {
    this.sum = 0
    for (const reader of [...this.readers.keys()]) {
      const bytes = reader.waitingBytes
      if (bytes === 0) this.readers.delete(reader)
      else this.readers.set(reader, bytes)
      this.sum += bytes
    }
    for (const [reader, bytes] of [...this.readers].sort(([, a], [, b]) => b - a)) {
      if (this.sum <= this.bound() * 0.9) return
      this.readers.delete(reader)
      this.sum -= bytes
      reader.cutOff()
    }
  }
}
