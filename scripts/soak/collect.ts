/** Collects garbage and answers what is left of the heap, whole MB. Needs `--expose-gc`. */
export function collect(): number {
  globalThis.gc?.()
  return Math.round(process.memoryUsage().heapUsed / 2 ** 20)
}
