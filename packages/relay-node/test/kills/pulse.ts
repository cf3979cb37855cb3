export type Beat = 'append' | 'appended' | 'commit' | 'committed' | 'sign-up' | 'log' | 'take' | 'put' | 'ack'

/** What goes on in a round, so that whoever waits for a moment to strike hears of it. */
export class Pulse {
  readonly counts = new Map<Beat, number>()
  private readonly watchers = new Set<(beat: Beat) => void>()
  private readonly waiting = new Set<(over: Error) => void>()

  beat(beat: Beat): void {
    this.counts.set(beat, (this.counts.get(beat) ?? 0) + 1)
    for (const watcher of [...this.watchers]) watcher(beat)
  }

  count(beat: Beat): number {
    return this.counts.get(beat) ?? 0
  }

  /** After `times` more of these. Rejects when the power goes out before that. */
  next(times: number, of?: Beat): Promise<void> {
    let left = times
    return new Promise((resolve, reject) => {
      const watcher = (beat: Beat): void => {
        if (of !== undefined && beat !== of) return
        if (--left > 0) return
        this.watchers.delete(watcher)
        this.waiting.delete(reject)
        resolve()
      }
      this.watchers.add(watcher)
      this.waiting.add(reject)
    })
  }

  /** The power goes out: nobody waits any longer. */
  stop(): void {
    for (const reject of this.waiting) reject(new Error('the line was closed'))
    this.waiting.clear()
    this.watchers.clear()
  }
}
