import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['packages/**/*.test.ts', 'apps/**/*.test.ts', 'scripts/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/gen/**'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    // Processes that tests start run sources: what Node made of them last time halves the processor time of each.
    env: { NODE_COMPILE_CACHE: `${import.meta.dirname}/.cache/compiled-sources` },
  },
})
