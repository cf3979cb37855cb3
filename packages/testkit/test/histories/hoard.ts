import assert from 'node:assert/strict'
import { nodeEngineLoader } from '@quintet/client-node'
import { type MlsEngine, MlsError, type Opened } from '@quintet/crypto'
import { bytesOf, type ChatId, hexOf } from '@quintet/domain'
import type { Device } from '@quintet/testkit'

/** What went into the log of a chat, in order. */
export interface Heard {
  readonly chat: ChatId
  readonly kind: 'commit' | 'message'
  readonly bytes: Uint8Array
  /** When, by the world's clock, ms: whoever is added then is in lifetime (C10). */
  readonly atMs: number
}

const loadEngine = nodeEngineLoader()

/** The commits, as hex, that these have made and do not know yet whether they stand. */
export function commitsUnderway(devices: readonly Device[]): ReadonlySet<string> {
  const rows = devices.flatMap(({ database }) => database.all('select hex(message) as message from pending_commit'))
  return new Set(rows.map((row) => String(row['message']).toLowerCase()))
}

/** Every key that a device had when it was put out: somebody has kept a copy, gets all that is sent later, and tries to read it. */
export class Hoard {
  readonly of: string
  private readonly chat: ChatId
  private readonly engine: MlsEngine
  private isOut = false
  private underway: ReadonlySet<string> = new Set()

  constructor(of: Device, chat: ChatId) {
    const rows = new Map<string, Uint8Array>()
    for (const { key, value } of of.database.all('select key, value from mls'))
      if (key instanceof Uint8Array && value instanceof Uint8Array) rows.set(hexOf(key), value.slice())
    this.of = of.name
    this.chat = chat
    this.engine = loadEngine({ read: (key) => rows.get(hexOf(key)) })
  }

  /**
   * From now on nothing may be read any more: whoever writes knows that this device is out. `underway`: the commits, as
   * hex, that members have made up to now and not got an answer to.
   */
  shut(underway: ReadonlySet<string>): void {
    if (this.isOut) return
    this.isOut = true
    this.underway = underway
  }

  /** Tries what came; answers how many entries stayed closed to it. */
  try(heard: readonly Heard[]): number {
    let closed = 0
    for (const entry of heard) {
      if (entry.chat !== this.chat) continue
      const opened = this.open(entry)
      if (opened === undefined) closed += 1
      else if (opened.kind === 'commit') this.follow(opened, this.underway.has(hexOf(entry.bytes)))
      else assert.ok(!this.isOut, `${this.of} was put out and opened a message that came later`)
    }
    return closed
  }

  private open({ bytes, atMs }: Heard): Opened | undefined {
    try {
      return this.engine.open(bytesOf(this.chat), bytes, BigInt(Math.floor(atMs / 1000)))
    } catch (error) {
      if (!(error instanceof MlsError)) throw error
      if (error.code === 'engine') this.engine.reloadAll()
      return undefined
    }
  }

  /**
   * It goes along with every commit, its own removal too, as nobody's policy keeps it from doing. The first commit of a
   * member takes it out (C6); who enters by itself cannot (C5), nor can one that was made before: whether that stands
   * has to be known before another is made (C9). Nothing is written between that one and the removal.
   */
  private follow(opened: Opened & { kind: 'commit' }, madeBefore: boolean): void {
    const out = opened.view.removesSelf
    try {
      this.engine.mergeStaged(bytesOf(this.chat), opened.staged)
    } catch (error) {
      if (!(error instanceof MlsError)) throw error
    }
    assert.ok(
      !this.isOut || out || opened.view.external || madeBefore,
      `${this.of} was put out and followed a commit that came later`,
    )
    if (out) this.isOut = true
  }
}
