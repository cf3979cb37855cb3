interface Waiting<Item> {
  readonly item: Item
  readonly rows: number
}

/** As much as is done at once where nothing else waits: half a millisecond, for which whatever comes then has to wait. */
const restRows = 48
/** Per urgent call: more than one leaves behind to do, so that it is done also where there is no rest. */
const rowsPerUrgent = 4

/** What can wait, and goes in bites so small that what cannot wait hardly does. In the order in which it came. */
export class Backlog<Item> {
  private queue: Waiting<Item>[] = []
  private credit = 0

  push(item: Item, rows: number): void {
    this.queue.push({ item, rows })
  }

  /** What goes with a batch of that many urgent calls. Alone: a bite. */
  take(urgent: number): readonly Item[] {
    this.credit = urgent === 0 ? Math.max(this.credit, restRows) : this.credit + urgent * rowsPerUrgent
    const taken: Item[] = []
    for (;;) {
      const first = this.queue[0]
      if (first === undefined) this.credit = 0
      if (first === undefined || (first.rows > this.credit && (urgent > 0 || taken.length > 0))) return taken
      this.queue.shift()
      this.credit = Math.max(0, this.credit - first.rows)
      taken.push(first.item)
    }
  }

  get last(): Item | undefined {
    return this.queue.at(-1)?.item
  }

  /** Takes all. */
  clear(): readonly Item[] {
    const all = this.queue
    this.queue = []
    return all.map(({ item }) => item)
  }
}
