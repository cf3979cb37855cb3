const short = process.env['QUINTET_BENCH'] === 'short'

/** How much is measured. `QUINTET_BENCH=short` is for whoever works on the benchmark itself: its figures say little. */
export const size = {
  world: short ? { accounts: 20, devicesEach: 3, chatsEach: 2 } : { accounts: 100, devicesEach: 3, chatsEach: 2 },
  /** Messages of each device under way when as much is sent as is taken. */
  window: 2,
  rounds: short ? 1 : 3,
  warmMs: short ? 1000 : 4000,
  measureMs: short ? 2000 : 8000,
  waiting: short ? 2000 : 10_000,
  drains: short ? 1 : 5,
  waitingAtStart: short ? 5000 : 100_000,
  starts: short ? 1 : 5,
  /** Before anything grows. */
  growth: short ? { accounts: 4, chats: 40, waiting: 500 } : { accounts: 20, chats: 200, waiting: 5000 },
  idle: short ? [100] : [1000, 5000],
} as const

/** Devices that a message reaches besides the one that sent it: those of two people. */
export const others = size.world.devicesEach * 2 - 1
