interface Slot<Live> {
  live: Live | undefined
  /** The work that others must wait for; undefined = nobody holds the slot. */
  tail: Promise<void> | undefined
  /** Writes of which the fate is not known yet, and other reasons to stay in memory. */
  held: number
}

/**
 * What is in memory of accounts or chats, loaded when first asked for.
 *
 * Work on one id is done in the order in which it came; at once, without a turn of the event loop, when it is loaded.
 * When a write fails the live object is dropped and read anew: writes that were decided after it are refused by the
 * store, because they expect what never came to be.
 */
export class Book<Id extends string, Live> {
  private readonly slots = new Map<Id, Slot<Live>>()
  private readonly load: (id: Id) => Promise<Live | undefined>
  private readonly bound: number

  constructor(load: (id: Id) => Promise<Live | undefined>, bound: number) {
    this.load = load
    this.bound = bound
  }

  /** Runs `task` when all earlier tasks of that id are done. Later ones wait while it returns a promise. */
  inOrder<T>(id: Id, task: (live: Live | undefined) => T | Promise<T>): T | Promise<T> {
    const slot = this.slot(id)
    if (slot.tail === undefined && slot.live !== undefined) {
      const result = task(slot.live)
      if (result instanceof Promise) this.hold(slot, result)
      return result
    }
    const run = async (): Promise<T> => {
      slot.live ??= await this.load(id)
      return task(slot.live)
    }
    const result = slot.tail === undefined ? run() : slot.tail.then(run)
    this.hold(slot, result)
    return result
  }

  private hold(slot: Slot<Live>, work: Promise<unknown>): void {
    const settled = (): void => {
      if (slot.tail === tail) slot.tail = undefined
    }
    const tail: Promise<void> = work.then(settled, settled)
    slot.tail = tail
  }

  /** The live object as it is now, whatever waits. */
  get(id: Id): Live | undefined | Promise<Live | undefined> {
    const slot = this.slots.get(id)
    if (slot?.live !== undefined) return slot.live
    return this.inOrder(id, (live) => live)
  }

  /** Undefined when it is not loaded. */
  peek(id: Id): Live | undefined {
    return this.slots.get(id)?.live
  }

  /** Puts what was just created in its place. */
  put(id: Id, live: Live): void {
    this.slot(id).live = live
  }

  /** Follows a write: if it fails, what was decided in memory is dropped. */
  follow(id: Id, live: Live, write: Promise<unknown>): void {
    const slot = this.slot(id)
    slot.held++
    const failed = (): void => {
      slot.held--
      if (slot.live === live) slot.live = undefined
    }
    write.then(() => void slot.held--, failed)
  }

  /** Forgets the live object: it is read anew when next asked for. */
  drop(id: Id): void {
    const slot = this.slots.get(id)
    if (slot) slot.live = undefined
  }

  keep(id: Id): void {
    this.slot(id).held++
  }

  letGo(id: Id): void {
    const slot = this.slots.get(id)
    if (slot) slot.held--
  }

  get size(): number {
    return this.slots.size
  }

  private slot(id: Id): Slot<Live> {
    const known = this.slots.get(id)
    if (known) return known
    if (this.slots.size >= this.bound) this.makeRoom()
    const slot: Slot<Live> = { live: undefined, tail: undefined, held: 0 }
    this.slots.set(id, slot)
    return slot
  }

  private makeRoom(): void {
    let drop = Math.ceil(this.bound / 10)
    for (const [id, slot] of this.slots) {
      if (slot.tail !== undefined || slot.held > 0) continue
      this.slots.delete(id)
      if (--drop === 0) return
    }
  }
}
