import { hexOf } from '@quintet/domain'
import { nextLogHash } from '@quintet/relay'
import { type Entry, EntryKind } from '@quintet/wire'
import { sha256 } from '../digest.ts'

interface Kept {
  readonly atMs: bigint
  readonly epoch: bigint
  readonly kind: EntryKind
  readonly device: string
  readonly n: bigint
  readonly digest: string
  /** Of the log up to here (R6). */
  readonly hash: Uint8Array
}

/** A chat's log as one device has heard it: each entry once, in order, chained. Throws when the relay breaks a promise. */
export class Heard {
  readonly who: string
  readonly entries: Kept[] = []
  private readonly lastN = new Map<string, bigint>()
  private readonly firstHash: Uint8Array
  private epoch = 1n

  /** The log as of its first commit, by which everybody came in. */
  constructor(who: string, firstHash: Uint8Array) {
    this.who = who
    this.firstHash = firstHash
  }

  get seq(): number {
    return this.entries.length + 1
  }

  /** H(seq). */
  hashAt(seq: number): Uint8Array | undefined {
    return seq === 1 ? this.firstHash : this.entries[seq - 2]?.hash
  }

  /** True when it is news; false when it was there already, the same. Throws for a hole. */
  take(entry: Entry): boolean {
    const seq = Number(entry.seq)
    const digest = sha256(entry.message)
    const known = this.entries[seq - 2]
    if (known) {
      const same =
        known.digest === hexOf(digest) &&
        known.n === entry.n &&
        known.device === hexOf(entry.device) &&
        known.atMs === entry.atMs
      if (!same) throw new Error(`${this.who}: entry ${seq} is another than before`)
      return false
    }
    if (seq !== this.seq + 1) throw new Error(`${this.who}: entry ${seq} came after ${this.seq}`)
    this.checkPlace(entry)
    const before = this.entries.at(-1)?.hash ?? this.firstHash
    this.entries.push({
      atMs: entry.atMs,
      epoch: entry.epoch,
      kind: entry.kind,
      device: hexOf(entry.device),
      n: entry.n,
      digest: hexOf(digest),
      hash: nextLogHash({ sha256 }, before, seq, digest),
    })
    return true
  }

  private checkPlace({ seq, atMs, epoch, kind, device, n }: Entry): void {
    const at = `${this.who}: entry ${seq}`
    if (atMs < (this.entries.at(-1)?.atMs ?? 0n)) throw new Error(`${at}: time went back`)
    if (epoch !== this.epoch) throw new Error(`${at}: of epoch ${epoch}, the log stands at ${this.epoch}`)
    if (kind === EntryKind.COMMIT) {
      this.epoch++
      return
    }
    const last = this.lastN.get(hexOf(device)) ?? 0n
    if (n !== last + 1n) throw new Error(`${at}: number ${n} of its device came after ${last}`)
    this.lastN.set(hexOf(device), n)
  }
}
