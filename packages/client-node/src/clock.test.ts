import { clockContract, randomContract } from '@quintet/client/ports.contract'
import { expect, test, vi } from 'vitest'
import { nodeClock } from './clock.ts'
import { nodeRandom } from './random.ts'

clockContract("the system's clock", nodeClock())
randomContract("the system's generator", nodeRandom())

test('a task in 60 days does not come today', () => {
  vi.useFakeTimers()
  try {
    let calls = 0
    const day = 24 * 60 * 60 * 1000
    nodeClock().after(60 * day, () => calls++)
    const cancel = nodeClock().after(60 * day, () => calls++)
    vi.advanceTimersByTime(59 * day)
    cancel()
    expect(calls).toBe(0)
    vi.advanceTimersByTime(2 * day)
    expect(calls).toBe(1)
  } finally {
    vi.useRealTimers()
  }
})
