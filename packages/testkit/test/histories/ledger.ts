import assert from 'node:assert/strict'
import type { Device } from '@quintet/testkit'

/** A text as a device shows it, and its place. */
interface Shown {
  readonly chat: string
  readonly seq: number
  readonly text: string
  readonly id: string
}

/** What the relay told the author: that it has this text, and where. */
interface Acknowledged {
  readonly text: string
  readonly chat: string
  readonly seq: number
  readonly by: Device | undefined
}

/** A stretch of a chat's log that a device was not in for: entries from, without, `after` up to `upTo`. */
interface Absence {
  readonly after: number
  readonly upTo: number
}

/** Where a device stands in one chat, as it was at the last look. */
interface Stand {
  readonly active: boolean
  readonly cursor: number
  readonly joinSeq: number
  readonly absences: readonly Absence[]
}

/** What was written, where it came to stand, and whether everybody who was in shows it: once, at its place. */
export class Ledger {
  private readonly texts: { readonly text: string; readonly by: Device }[] = []
  /** By chat and number. */
  private readonly log = new Map<string, Shown>()
  private readonly placeOf = new Map<string, string>()
  private readonly acknowledgedAt = new Map<string, Acknowledged>()
  private readonly stands = new Map<string, Stand>()

  newText(by: Device): string {
    const text = `${by.name} ${this.texts.length}`
    this.texts.push({ text, by })
    return text
  }

  acknowledged(text: string, chat: string, seq: number): void {
    this.acknowledgedAt.set(text, { text, chat, seq, by: this.texts.find((one) => one.text === text)?.by })
  }

  get size(): number {
    return this.log.size
  }

  /** Takes in what these devices show. `hurt` ones may have told gaps; those put `out` since may have missed what was said then. */
  look(devices: readonly Device[], hurt: ReadonlySet<Device>, out: ReadonlySet<Device>): void {
    for (const device of devices) for (const shown of shownBy(device)) this.learn(device, shown, hurt)
    for (const [text, { chat, seq, by }] of this.acknowledgedAt) {
      const place = this.log.get(keyOf(chat, seq))
      // An author whose database went back may have been the last one there. Whoever else was in still owes it (checkDevice).
      if (place === undefined && by !== undefined && hurt.has(by)) continue
      assert.equal(place?.text, text, `"${text}" was acknowledged as number ${seq} and stands there`)
    }
    for (const device of devices) this.checkDevice(device, hurt.has(device), out)
    this.checkOrder()
  }

  private learn(device: Device, shown: Shown, hurt: ReadonlySet<Device>): void {
    const key = keyOf(shown.chat, shown.seq)
    if (this.isSentAgain(key, shown, hurt)) return
    const known = this.log.get(key)
    assert.ok(
      known === undefined || (known.text === shown.text && known.id === shown.id),
      `${device.name} shows another text than others as number ${shown.seq}`,
    )
    const place = this.placeOf.get(shown.text)
    assert.ok(place === undefined || place === key, `"${shown.text}" stands twice: ${place} and ${key}`)
    this.log.set(key, shown)
    this.placeOf.set(shown.text, key)
  }

  /**
   * An author whose database went back to where this still waited sends it again. Whoever has the first shows no other of
   * that id; the author itself and newcomers have the second alone.
   */
  private isSentAgain(key: string, shown: Shown, hurt: ReadonlySet<Device>): boolean {
    const place = this.placeOf.get(shown.text)
    const by = this.texts.find((one) => one.text === shown.text)?.by
    if (place === undefined || place === key || by === undefined || !hurt.has(by)) return false
    return this.log.get(place)?.id === shown.id && (this.log.get(place)?.seq ?? 0) < shown.seq
  }

  private checkDevice(device: Device, hurt: boolean, out: ReadonlySet<Device>): void {
    const shown = new Set(shownBy(device).map((one) => keyOf(one.chat, one.seq)))
    const gaps = device.database.all('select chat, from_seq, to_seq, cause from gap')
    // Whoever was put out cannot know how much was still for it, and tells of all as missing.
    assert.ok(
      hurt || out.has(device) || gaps.length === 0,
      `${device.name} misses entries for no reason: ${JSON.stringify(gaps)}`,
    )
    for (const row of device.database.all('select chat, state, cursor, join_seq from chat')) {
      const chat = String(row['chat'])
      const stand = this.stand(device, chat, row, out.has(device))
      if (!stand.active) continue
      for (const { seq, text } of this.of(chat)) {
        if (seq > stand.cursor || shown.has(keyOf(chat, seq))) continue
        const excused =
          stand.absences.some(({ after, upTo }) => seq > after && seq <= upTo) ||
          gaps.some((gap) => gap['chat'] === chat && seq >= Number(gap['from_seq']) && seq <= Number(gap['to_seq']))
        assert.ok(excused, `${device.name} was in and does not show "${text}", number ${seq} of ${stand.cursor}`)
      }
    }
  }

  /** Whoever comes in anew without having been out owes an account of what was said meanwhile: a gap that is told. */
  private stand(device: Device, chat: string, row: Readonly<Record<string, unknown>>, wasOut: boolean): Stand {
    const key = `${device.name} ${chat}`
    const [state, cursor, joinSeq] = [String(row['state']), Number(row['cursor']), Number(row['join_seq'])]
    const before = this.stands.get(key)
    const active = state === 'active' || state === 'succeeded'
    const absences = [...(before?.absences ?? [])]
    const came = active && joinSeq !== before?.joinSeq
    if (came && (before?.active !== true || wasOut)) absences.push({ after: before?.cursor ?? 0, upTo: joinSeq })
    const stand = { active, cursor, joinSeq: active ? joinSeq : (before?.joinSeq ?? 0), absences }
    this.stands.set(key, stand)
    return stand
  }

  /** What stands in a chat: what anybody shows, and what was acknowledged though nobody who is here shows it. */
  private *of(chat: string): Iterable<Pick<Shown, 'seq' | 'text'>> {
    for (const shown of this.log.values()) if (shown.chat === chat) yield shown
    for (const one of this.acknowledgedAt.values())
      if (one.chat === chat && !this.log.has(keyOf(chat, one.seq))) yield one
  }

  /** Each device's own texts stand in the order in which it wrote them; of one conversation's logs the later go on with the earlier. */
  private checkOrder(): void {
    const last = new Map<string, { readonly seq: number; readonly text: string }>()
    for (const { text, by } of this.texts) {
      const key = this.placeOf.get(text)
      const place = key === undefined ? undefined : this.log.get(key)
      if (place === undefined) continue
      const of = `${by.name} ${place.chat}`
      const before = last.get(of)
      assert.ok(
        before === undefined || before.seq < place.seq,
        `"${text}" stands before "${before?.text}", which its author wrote earlier`,
      )
      last.set(of, { seq: place.seq, text })
    }
  }
}

function keyOf(chat: string, seq: number): string {
  return `${chat} ${seq}`
}

function shownBy(device: Device): readonly Shown[] {
  return device.database
    .all("select chat, seq, id, text from message where kind = 'text' and text is not null")
    .map((row) => ({
      chat: String(row['chat']),
      seq: Number(row['seq']),
      text: String(row['text']),
      id: String(row['id']),
    }))
}
