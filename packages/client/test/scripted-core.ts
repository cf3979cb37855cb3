import type { MlsEngine } from '@quintet/crypto'
import { randomBytes } from 'node:crypto'
import type { ClientEvent } from '../src/api.ts'
import type { Core } from '../src/core.ts'
import { readOwn } from '../src/device/own.ts'
import { ClientError } from '../src/error.ts'
import type { Push } from '@quintet/wire'
import type { CallName, LinkState, RelayLink } from '../src/relay/link.ts'
import { createDatabase } from './database.ts'
import { createSerial } from './serial.ts'

/** Answers one request as a relay would; throws RelayFailure or ConnectionLost. */
export type Answerer = (name: CallName, init: unknown) => unknown

/** A core over a database in memory and a relay that a test plays by hand. */
export function createScriptedCore(input: {
  readonly answer: Answerer
  readonly engine?: MlsEngine
  readonly now?: () => number
}) {
  const db = createDatabase()
  const events: ClientEvent[] = []
  const asked: { readonly name: CallName; readonly init: unknown }[] = []
  const pushListeners = new Set<(push: Push) => void>()
  const stateListeners = new Set<(state: LinkState) => void>()
  const timers: { readonly at: number; readonly task: () => void }[] = []
  const now = input.now ?? (() => 1_700_000_000_000)
  const relay: RelayLink = {
    state: 'online' satisfies LinkState,
    url: 'http://relay.test',
    greeting: undefined,
    refusal: undefined,
    start() {},
    end: async () => {},
    useIdentity: async () => {},
    online: async () => {},
    async call(name, init) {
      asked.push({ name, init })
      return parseScripted(await input.answer(name, init))
    },
    onPush(listener) {
      pushListeners.add(listener)
      return () => pushListeners.delete(listener)
    },
    onState(listener) {
      stateListeners.add(listener)
      return () => stateListeners.delete(listener)
    },
  }
  const core: Core = {
    db,
    clock: {
      now,
      after(ms, task) {
        const timer = { at: now() + ms, task }
        timers.push(timer)
        return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1))
      },
    },
    random: { bytes: (length) => new Uint8Array(randomBytes(length)) },
    relay,
    platformName: 'Test',
    engine: () => input.engine ?? fail(),
    own: () => readOwn(db),
    mustOwn: () => readOwn(db) ?? fail(),
    write(work) {
      const told: ClientEvent[] = []
      const result = db.transaction(() => work((event) => void told.push(event)))
      events.push(...told)
      return result
    },
    serial: createSerial(),
    emit: (event) => void events.push(event),
    relayNow: now,
  }
  return {
    core,
    db,
    events,
    asked,
    /** As if the relay had pushed it. */
    push: (push: Push) => pushListeners.forEach((listener) => void listener(push)),
    /** As if the connection had changed. */
    state: (state: LinkState) => stateListeners.forEach((listener) => void listener(state)),
    /** Runs everything that waits for time to pass. */
    ring: () => timers.splice(0).forEach((timer) => void timer.task()),
  }
}

function fail(): never {
  throw new ClientError('profile-empty', 'This test has none of that.')
}

/** What the script answers is what the test means: it is not checked twice. */
function parseScripted<T>(answer: unknown): T {
  return answer as T
}
