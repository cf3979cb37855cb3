import { defaultPolicy, openRelay, type OwnerPolicy, type Relay, type RelayClock, StoreError } from '@quintet/relay'
import { type DataFolder, diskFull, takeDataFolder } from './data-folder.ts'
import { doubtedClock } from './doubted-clock.ts'
import { noProxy, type TrustedProxies } from './http/client-address.ts'
import { relayMetrics } from './http/metrics.ts'
import { httpServer } from './http/server.ts'
import { damagedData, openStore } from './open-store.ts'
import { watchIdleMemory } from './idle-memory.ts'
import { nodeRuntime, systemClock } from './runtime.ts'
import { DamagedDataError } from './sqlite/soundness.ts'
import type { SqliteStore } from './sqlite/sqlite-store.ts'
import { StartError } from './start-error.ts'
import { watchData } from './watch-data.ts'
import { watchOwner } from './watch-owner.ts'

/** Where the relay writes what it has to say; counts and codes, never ids, handles or addresses. */
export interface RelayLogger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

export interface StartOptions {
  readonly dataDir: string
  readonly host?: string
  /** 0 = any free one. */
  readonly port?: number
  /** What holds where the owner set nothing else with `quintet-relay policy`. */
  readonly policy?: Partial<OwnerPolicy>
  readonly clock?: RelayClock
  readonly logger?: RelayLogger
  readonly version?: string
  /** Whose X-Forwarded-For counts; by default nobody's. */
  readonly trustedProxies?: TrustedProxies
  /** For tests of a full disk: pages of 4 KiB. */
  readonly maxPagesForTests?: number
}

export interface RunningRelay {
  readonly url: string
  readonly port: number
  readonly signUp: OwnerPolicy['signUp']
  /**
   * Resolves when the store broke under the running relay: close it. With the reason that would keep it from starting
   * again, where there is one.
   */
  readonly broken: Promise<StartError | undefined>
  /** Says goodbye to all devices, writes down what is known, lets go of the folder. Again = the same end. */
  close(): Promise<void>
}

const silent: RelayLogger = { info() {}, error() {} }
const loopback = new Set(['127.0.0.1', 'localhost', '::1'])

/** Starts a relay on its data folder. Throws StartError with a sentence for the person who started it. */
export async function startRelay(options: StartOptions): Promise<RunningRelay> {
  const { dataDir, host = '127.0.0.1', port = 0, logger = silent, version = '0.1.0' } = options
  const folder = takeDataFolder(dataDir)
  let store: SqliteStore | undefined
  try {
    const { maxPagesForTests: maxPages } = options
    let onBroken = (_: unknown): void => {}
    const broken = new Promise<StartError | undefined>((resolve) => {
      onBroken = (error) => {
        logger.error({ error: codeOf(error) }, 'the store broke')
        const damaged = error instanceof DamagedDataError ? damagedData(dataDir, error.message) : undefined
        resolve(error instanceof StartError ? error : damaged)
      }
    })
    store = openStore(dataDir, { serving: true, onBroken, ...(maxPages !== undefined && { maxPages }) })
    const metrics = relayMetrics((what, error) => logger.error({ error: codeOf(error) }, what))
    const signUp = loopback.has(host) ? 'open' : 'invite'
    const defaults: OwnerPolicy = { ...defaultPolicy, signUp, ...options.policy }
    const clock = await doubtedClock(options.clock ?? systemClock, store.settings, () => performance.now())
    const runtime = nodeRuntime(clock)
    const relay = await openRelay({
      store,
      runtime,
      observer: metrics.observer,
      defaults,
      software: `quintet/${version}`,
    })
    metrics.watch(relay, store)
    let policy = await relay.reloadPolicy()
    const { trustedProxies = noProxy } = options
    const app = httpServer({ relay, store, metrics, policy: () => policy, version, trustedProxies })
    const bound = await listen(app, host, port)
    const onPolicy = (read: OwnerPolicy): void => {
      policy = read
    }
    const stopWatching = watchOwner(relay, store, onPolicy, async () => {
      if (clock.doubted())
        logger.error({}, 'the clock has gone by leaps: nothing is deleted for its age for three days')
      // What cannot be written down now is next time.
      await clock.look().catch(() => undefined)
    })
    const stopWatchingData = watchData(dataDir, onBroken)
    const stopWatchingMemory = watchIdleMemory()
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${bound}`
    logger.info({ port: bound, signUp: policy.signUp }, 'relay ready')
    return {
      url,
      port: bound,
      signUp: policy.signUp,
      broken,
      close: closer({
        relay,
        app,
        store,
        folder,
        stopWatching: () => [stopWatching, stopWatchingData, stopWatchingMemory].forEach((stop) => void stop()),
        logger,
      }),
    }
  } catch (error) {
    await store?.close()
    folder.release()
    if (!(error instanceof StoreError)) throw error
    throw error.code === 'full' ? diskFull(dataDir) : damagedData(dataDir, error.message)
  }
}

type App = ReturnType<typeof httpServer>

interface Parts {
  readonly relay: Relay
  readonly app: App
  readonly store: SqliteStore
  readonly folder: DataFolder
  readonly stopWatching: () => void
  readonly logger: RelayLogger
}

function closer({ relay, app, store, folder, stopWatching, logger }: Parts): () => Promise<void> {
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    stopWatching()
    await relay.close()
    await app.close()
    await store.close()
    folder.release()
    logger.info({}, 'relay stopped')
  }
  return () => {
    closing ??= close()
    return closing
  }
}

async function listen(app: App, host: string, port: number): Promise<number> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    await app.close()
    throw listenError(error, host, port)
  }
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

function listenError(error: unknown, host: string, port: number): unknown {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return new StartError(
        'port-in-use',
        `Port ${port} on ${host} is in use. Stop what runs there, or choose another with --port.`,
      )
    case 'EACCES':
      return new StartError(
        'port-in-use',
        `Port ${port} may not be used by this user. Choose one above 1023 with --port.`,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartError(
        'address-unavailable',
        `${host} is no address of this machine. Choose one of its own with --host.`,
      )
  }
  return error
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'unknown'
}
