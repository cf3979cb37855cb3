import { randomBytes } from 'node:crypto'
import type { MlsEngine, RowChange } from '@quintet/crypto'
import type { DeviceId } from '@quintet/domain'
import { type Bootstrap, fromBinary, type SelfOp, SelfSnapshotSchema, toBinary } from '@quintet/wire'
import type { ClientEvent } from '../src/api.ts'
import type { Core } from '../src/core.ts'
import type { DeviceHooks } from '../src/device/hooks.ts'
import { readOwn } from '../src/device/own.ts'
import { ClientError } from '../src/error.ts'
import type { Database } from '../src/ports.ts'
import { createRelayLink } from '../src/relay/connection.ts'
import { importSnapshot } from '../src/selfstate/import.ts'
import { snapshot } from '../src/selfstate/snapshot.ts'
import { createDatabase } from './database.ts'
import type { TestClock, TestRelay } from './relay.ts'
import { createSerial } from './serial.ts'

/** One device over the real relay and the real engine; its chats are a stand-in that keeps what devices asked of them. */
export function createTestDevice(relay: TestRelay, clock: TestClock, loadEngine: (db: Database) => MlsEngine) {
  const db = createDatabase()
  const events: ClientEvent[] = []
  const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) }
  const link = createRelayLink({ url: 'http://relay.test:4747', transport: relay.transport, clock, random })
  let engine: MlsEngine | undefined
  const core: Core = {
    db,
    clock,
    random,
    relay: link,
    platformName: 'Linux',
    engine: () => (engine ??= loadEngine(db)),
    own: () => readOwn(db),
    mustOwn() {
      const own = readOwn(db)
      if (own === undefined) throw new ClientError('profile-empty', 'Nobody is signed in here.')
      return own
    },
    write(work) {
      const told: ClientEvent[] = []
      const result = db.transaction(() => {
        const done = work((event) => void told.push(event))
        for (const change of engine?.takeChanges() ?? []) writeRow(db, change)
        return done
      })
      events.push(...told)
      return result
    },
    serial: createSerial(),
    emit: (event) => void events.push(event),
    relayNow: () => clock.now(),
  }
  const asked = {
    selfChats: 0,
    joined: 0,
    removals: 0,
    added: [] as DeviceId[],
    ops: [] as SelfOp[],
    imported: [] as Bootstrap[],
  }
  const hooks: DeviceHooks = {
    async createSelfChat() {
      asked.selfChats += 1
    },
    async joinSelfChat() {
      asked.joined += 1
    },
    async addToSelfChat(_core, device) {
      asked.added.push(device)
    },
    async sendSelfOps(_core, make) {
      asked.ops.push(...core.write(make).flatMap((op) => op ?? []))
    },
    bootstrapParts: () => ({
      selfChat: undefined,
      floors: [],
      pins: [],
      settings: toBinary(SelfSnapshotSchema, snapshot(db)),
    }),
    prepareBootstrap: () => Promise.resolve(),
    importBootstrap(_core, bootstrap) {
      asked.imported.push(bootstrap)
      importSnapshot(db, core.mustOwn(), fromBinary(SelfSnapshotSchema, bootstrap.settings), clock.now())
    },
    async removalsDue() {
      asked.removals += 1
    },
  }
  return { core, db, link, hooks, events, asked }
}
export type TestClientDevice = ReturnType<typeof createTestDevice>

function writeRow(db: Database, { key, value }: RowChange): void {
  if (value === undefined) db.run('delete from mls where key = ?', key)
  else
    db.run(
      'insert into mls (key, value) values (?, ?) on conflict (key) do update set value = excluded.value',
      key,
      value,
    )
}
