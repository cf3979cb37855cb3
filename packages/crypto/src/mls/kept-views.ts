import type { GroupView } from '../mls-engine.ts'

/** Views of so many leaves together are kept: some megabytes at most. */
const maxLeaves = 4096

/** Views of groups as the last call that could change them left them, so that whoever only looks pays nothing. */
export interface KeptViews {
  get(group: Uint8Array): GroupView | undefined
  /** Keeps the view in place of an older one and answers it. */
  keep<T extends GroupView | undefined>(group: Uint8Array, view: T): T
  forget(group: Uint8Array): void
  forgetAll(): void
}

export function keepViews(): KeptViews {
  const views = new Map<string, GroupView>()
  let leaves = 0
  const drop = (key: string) => {
    leaves -= views.get(key)?.leaves.length ?? 0
    views.delete(key)
  }
  return {
    get: (group) => views.get(keyOf(group)),
    keep(group, view) {
      const key = keyOf(group)
      drop(key)
      if (view === undefined) return view
      views.set(key, view)
      leaves += view.leaves.length
      for (const oldest of views.keys()) {
        if (leaves <= maxLeaves) break
        drop(oldest)
      }
      return view
    },
    forget: (group) => drop(keyOf(group)),
    forgetAll() {
      views.clear()
      leaves = 0
    },
  }
}

const keyOf = (group: Uint8Array): string => String.fromCharCode(...group)
