/** Milliseconds and bytes of the MLS engine by suite and number of leaves: `node packages/crypto/bench/mls.ts [leaves…]`. */
import type { Suite } from '../src/index.ts'
import { bytes, type Device, device, emptyPlan, groupOf, keyPackage } from '../test/mls-device.ts'

const sizes = process.argv.slice(2).map(Number)
const chat = bytes('chat-0000000000000000000000000000')
const text = bytes('x'.repeat(100))

function timed<T>(run: () => T): { readonly ms: number; readonly result: T } {
  const from = performance.now()
  const result = run()
  return { ms: performance.now() - from, result }
}

function median(runs: number, run: () => void): number {
  const all = Array.from({ length: runs }, () => timed(run).ms).sort((a, b) => a - b)
  return all[runs >> 1] ?? 0
}

function merge(reader: Device, commit: Uint8Array): void {
  const opened = reader.engine.open(chat, commit)
  if (opened.kind === 'commit') reader.engine.mergeStaged(chat, opened.staged)
}

function measure(suite: Suite, leaves: number) {
  const devices = Array.from({ length: leaves }, (_, at) => device(`device-${at}`))
  const [a, b] = devices
  if (!a || !b) throw new RangeError('two leaves at least')
  groupOf(chat, suite, a, ...devices.slice(1))

  const commit = timed(() => a.engine.commit(chat, emptyPlan))
  a.engine.mergePending(chat)
  const process = timed(() => merge(b, commit.result.commit))
  const commitRows = b.rows.commit(b.engine)
  a.rows.commit(a.engine)

  const sealed = a.engine.encrypt(chat, bytes(''), text)
  const sendRows = a.rows.commit(a.engine)
  b.engine.open(chat, sealed)
  const openRows = b.rows.commit(b.engine)
  const waiting: Uint8Array[] = []
  const send = median(40, () => waiting.push(a.engine.encrypt(chat, bytes(''), text)))
  const open = median(40, () => b.engine.open(chat, waiting.shift() ?? sealed))

  const newcomer = device('newcomer')
  const added = keyPackage(newcomer, suite)
  const add = timed(() => a.engine.commit(chat, { ...emptyPlan, addKeyPackages: [added] }))
  const welcome = add.result.welcome ?? new Uint8Array()
  const join = timed(() => newcomer.engine.acceptJoin(newcomer.engine.stageWelcome(welcome).staged))
  a.engine.clearPending(chat)
  a.rows.commit(a.engine)

  const info = a.engine.groupInfo(chat)
  const external = timed(() => device('guest').engine.joinExternal(info, bytes('')))
  const reload = timed(() => {
    a.engine.reloadAll()
    a.engine.view(chat)
  })
  return {
    suite,
    leaves,
    commit: commit.ms,
    process: process.ms,
    add: add.ms,
    join: join.ms,
    external: external.ms,
    reload: reload.ms,
    send,
    open,
    commitB: commit.result.commit.length,
    welcomeB: welcome.length,
    infoB: info.length,
    textB: sealed.length,
    sendRows,
    openRows,
    commitRows,
    loaded: b.engine.loadedBytes,
  }
}

const round = (value: number | string) => (typeof value === 'number' ? Math.round(value * 100) / 100 : value)
for (const suite of ['base', 'hybrid'] as const) {
  for (const leaves of sizes.length > 0 ? sizes : [2, 10, 50, 200]) {
    const result = measure(suite, leaves)
    console.log(
      Object.entries(result)
        .map(([name, value]) => `${name} ${round(value)}`)
        .join('  '),
    )
  }
}
