const dayMs = 24 * 60 * 60 * 1000

/** Counts by key within a day that begins with the key's first take. */
export class DailyCounts {
  private readonly counts = new Map<string, { used: number; sinceMs: number }>()

  /** Uses one, or says in how many ms there is one again. */
  take(key: string, perDay: number, nowMs: number): number | undefined {
    const count = this.counts.get(key)
    // A day that begins in the future was begun by a clock that has been put back.
    if (count && count.sinceMs > nowMs) count.sinceMs = nowMs
    if (!count || nowMs - count.sinceMs >= dayMs) {
      if (this.counts.size > 50_000) this.forgetOld(nowMs)
      this.counts.set(key, { used: 1, sinceMs: nowMs })
      return perDay > 0 ? undefined : dayMs
    }
    if (count.used >= perDay) return count.sinceMs + dayMs - nowMs
    count.used++
    return undefined
  }

  private forgetOld(nowMs: number): void {
    for (const [key, count] of this.counts) if (nowMs - count.sinceMs >= dayMs) this.counts.delete(key)
  }
}
