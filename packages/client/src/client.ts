import type { MlsEngine } from '@quintet/crypto'
import type { ChatId } from '@quintet/domain'
import type { Client, ClientEvent } from './api.ts'
import { bootstrapParts, importBootstrap } from './chat/bootstrap.ts'
import { createSelfChat } from './chat/create.ts'
import { prepareFloors } from './chat/floors.ts'
import { removeEverywhere } from './chat/removals.ts'
import { keepLeaves } from './chat/standing.ts'
import { addToSelfChat, joinSelfChat } from './chat/self.ts'
import { letStoppedGoOn } from './chat/successor.ts'
import { commands } from './commands.ts'
import type { Core, Own } from './core.ts'
import { followLogs } from './device/follow-logs.ts'
import type { DeviceHooks } from './device/hooks.ts'
import { readOwn } from './device/own.ts'
import { engineIdentity, presentToRelay } from './device/presence.ts'
import { ClientError } from './error.ts'
import { followPushes } from './follow.ts'
import type { Database, Platform } from './ports.ts'
import { createRelayLink } from './relay/connection.ts'
import { offlineError } from './relay/failure.ts'
import { migrate } from './store/migrate.ts'
import { blobOf } from './store/row.ts'
import { untilClosed } from './store/until-closed.ts'
import { tellSelf } from './say.ts'
import { steady } from './steady.ts'
import { tellTrouble } from './trouble.ts'
import { freeInTime } from './send-freed.ts'
import { sync } from './sync.ts'

const hooks: DeviceHooks = {
  createSelfChat: async (core) => void (await createSelfChat(core)),
  joinSelfChat,
  addToSelfChat,
  sendSelfOps: tellSelf,
  bootstrapParts,
  prepareBootstrap: prepareFloors,
  importBootstrap,
  async removalsDue(core) {
    await keepLeaves(core)
    await removeEverywhere(core)
    // A chat that could not be entered anew for it waits for nobody to write there (C13).
    await letStoppedGoOn(core)
  },
}

export interface ClientOptions {
  readonly relay: string
  /** How many key packages of each suite wait at the relay for this device (K1), 50 by default. */
  readonly keyPackageStock?: number
}

/**
 * Opens a profile as a client: connects at once and keeps connecting until `close`, which also closes the database.
 *
 * Fails with DatabaseError `newer` or `damaged`. Nothing is fetched by itself until somebody listens or calls `sync`.
 */
export function openClient(platform: Platform, options: ClientOptions): Client {
  const { clock, random } = platform
  const db = untilClosed(platform.database, offlineError)
  migrate(db)
  const own = ownOf(db)
  const listeners = new Set<(event: ClientEvent) => void>()
  const link = createRelayLink({ url: options.relay, transport: platform.transport, clock, random })
  let engine: MlsEngine | undefined
  const emit = (event: ClientEvent) => {
    freed.heed(event)
    for (const listener of [...listeners]) listener(event)
  }
  const core: Core = {
    db: own.db,
    clock,
    random,
    relay: link,
    platformName: platform.name,
    makeSigner: platform.makeSigner,
    keyPackageStock: options.keyPackageStock,
    engine() {
      if (engine !== undefined) return engine
      const read = (key: Uint8Array) => {
        const row = db.get('select value from mls where key = ?', key)
        return row && blobOf(row, 'value')
      }
      engine = platform.loadEngine({ read }, () => BigInt(Math.floor(core.relayNow() / 1000)))
      const identity = engineIdentity(core)
      if (identity !== undefined) engine.useIdentity(identity.signatureKey, identity.credential)
      return engine
    },
    own: own.read,
    mustOwn() {
      const found = own.read()
      if (found !== undefined) return found
      throw new ClientError(
        'profile-empty',
        'Nobody is signed in here. Sign up, link this device, or recover an account.',
      )
    },
    write(work) {
      const told: ClientEvent[] = []
      let result: ReturnType<typeof work>
      try {
        result = own.db.transaction(() => {
          const done = work((event) => void told.push(event))
          for (const { key, value } of engine?.takeChanges() ?? []) {
            if (value === undefined) db.run('delete from mls where key = ?', key)
            else
              db.run(
                'insert into mls (key, value) values (?, ?) on conflict do update set value = excluded.value',
                key,
                value,
              )
          }
          return done
        })
      } catch (error) {
        engine?.reloadAll()
        throw error
      }
      for (const event of told) emit(event)
      return result
    },
    serial: createSerial(),
    emit,
    // From the greeting on nobody who sets this machine's clock changes what time it is for the account.
    relayNow: () => (greeted === undefined ? clock.now() : greeted + steady(clock)),
  }
  const freed = freeInTime(core)
  let greeted: number | undefined
  let leaving = false
  let running: Promise<{ readonly received: number; readonly gaps: number }> | undefined
  const syncOnce = async () => {
    await running?.catch(() => {})
    const work = sync(core, hooks)
      .catch((error: unknown) => {
        // Whoever is signing out misses nothing by a sync that ends halfway.
        if (leaving && error instanceof ClientError) return { received: 0, gaps: 0 }
        throw error
      })
      .finally(() => {
        if (running === work) running = undefined
      })
    running = work
    return work
  }
  let becoming = 0
  /** Whoever listens wants to hear; but no chat is entered before it is known below what none is to be trusted (C8). */
  const syncForListeners = () => {
    if (becoming === 0 && listeners.size > 0 && core.own() !== undefined)
      void syncOnce().catch((error: unknown) => tellTrouble(core, error))
  }
  const stops = [
    freed.stop,
    followPushes(core),
    followLogs(core, hooks),
    link.onState((state) => {
      if (state === 'online') freed.arm()
      if (state === 'online' && link.greeting !== undefined) greeted = Number(link.greeting.relayTimeMs) - steady(clock)
      if (state === 'online' || state === 'offline') emit({ event: 'state', connected: state === 'online' })
      if (state === 'refused') {
        const why = leaving ? undefined : link.refusal
        emit({ event: 'state', connected: false, ...(why && { code: why.code, sentence: why.message }) })
      }
      if (state === 'online') syncForListeners()
    }),
  ]
  void presentToRelay(core).then(() => link.start())
  return commands(core, hooks, {
    sync: syncOnce,
    relay: options.relay,
    async becoming(work) {
      becoming += 1
      try {
        return await work()
      } finally {
        becoming -= 1
        if (link.state === 'online') syncForListeners()
      }
    },
    leaving() {
      leaving = true
    },
    on(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      for (const stop of stops) stop()
      await link.end()
      await running?.catch(() => {})
      db.close()
    },
  })
}

/** Who this profile is, asked for with every message and read from the database once: it changes in transactions only. */
function ownOf(under: Database): { readonly db: Database; read(): Own | undefined } {
  let kept: Own | undefined
  return {
    read: () => (kept ??= readOwn(under)),
    db: {
      ...under,
      transaction(work) {
        kept = undefined
        try {
          return under.transaction(work)
        } finally {
          kept = undefined
        }
      },
    },
  }
}

/** A queue per chat: a task begins when the one before has ended, whichever way. */
function createSerial(): Core['serial'] {
  const last = new Map<ChatId, Promise<unknown>>()
  return (chat, task) => {
    const before = last.get(chat) ?? Promise.resolve()
    const work = before.then(task, task)
    last.set(
      chat,
      work.catch(() => {}),
    )
    return work
  }
}
