/** Loaded into a relay before its own code, with --expose-gc: on SIGUSR2 it says how much memory is in use after a collection. */
process.on('SIGUSR2', () => {
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  process.stderr.write(`${JSON.stringify({ heapBytes: heapUsed + external })}\n`)
})
