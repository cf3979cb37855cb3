import { afterEach, beforeEach, expect, test } from 'vitest'
import { assert } from '../../test/assert.ts'
import { createTestDevice, type TestClientDevice } from '../../test/device.ts'
import { loadTestEngine } from '../../test/engine.ts'
import { createTestClock, createTestRelay, type TestClock, type TestRelay } from '../../test/relay.ts'
import { refresh, stateOf } from './directory.ts'
import { parseKit } from './kit.ts'
import { keepKitBlob, refreshKitBlob } from './kit-blob.ts'
import { storedEntries } from './log-store.ts'
import { openKitBlob } from './open-kit-blob.ts'
import { makeMain } from './rights.ts'
import { signUp } from './sign-up.ts'

const hourMs = 60 * 60 * 1000
let clock: TestClock
let relay: TestRelay
let ada: TestClientDevice
let words: string

async function signedUp(handle: string) {
  const device = createTestDevice(relay, clock, loadTestEngine)
  const { recovery } = await signUp(device.core, device.hooks, { handle })
  return { device, recovery }
}
const blobAt = (of: TestClientDevice) => of.core.relay.call('getKitBlob', {}, 'kitBlob')
function logOf(of: TestClientDevice) {
  const { account } = of.core.mustOwn()
  const state = assert(stateOf(of.core, account))
  return { state, entries: storedEntries(of.db, account), position: state.head.position }
}

beforeEach(async () => {
  clock = createTestClock()
  relay = await createTestRelay({ clock })
  const made = await signedUp('ada')
  ada = made.device
  words = made.recovery
})
afterEach(() => ada.link.end())

test('what a device left for the kit opens with the kit, and says how old it is', async () => {
  const { blob } = await blobAt(ada)
  const opened = await openKitBlob(blob, logOf(ada), parseKit(words))
  expect(opened?.bootstrap.handle).toBe('ada')
  expect(opened?.stale).toBe(false)
  const later = { ...logOf(ada), position: 1n }
  expect((await openKitBlob(blob, later, parseKit(words)))?.stale).toBe(true)
})

test('it opens for no other kit, of no other account, and not when it was changed', async () => {
  const { blob } = await blobAt(ada)
  const eve = await signedUp('eve')
  expect(await openKitBlob(blob, logOf(ada), parseKit(eve.recovery))).toBeUndefined()
  expect(await openKitBlob(blob, logOf(eve.device), parseKit(words))).toBeUndefined()
  const changed = blob.slice()
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
  expect(await openKitBlob(changed, logOf(ada), parseKit(words))).toBeUndefined()
  expect(await openKitBlob(new Uint8Array([1, 2, 3]), logOf(ada), parseKit(words))).toBeUndefined()
  expect(
    await openKitBlob(blob, { ...logOf(ada), entries: logOf(eve.device).entries }, parseKit(words)),
  ).toBeUndefined()
  await eve.device.link.end()
})

test('it is renewed when the account changed, at most hourly, and at least monthly', async () => {
  const due = () => refreshKitBlob(ada.core, ada.hooks, 'due')
  await makeMain(ada.core, ada.core.mustOwn().device)
  expect(await due()).toBe(false)
  clock.forward(2 * hourMs)
  await ada.link.online(5000)
  expect(await due()).toBe(false)
  const eve = await signedUp('eve')
  await refresh(ada.core, [eve.device.core.mustOwn().account])
  await eve.device.link.end()
  expect(await due()).toBe(true)
  expect(await due()).toBe(false)
  clock.forward(31 * 24 * hourMs)
  await ada.link.online(5000)
  expect(await due()).toBe(true)
})

test('a relay that is away only delays it', async () => {
  clock.forward(31 * 24 * hourMs)
  await ada.link.end()
  await keepKitBlob(ada.core, ada.hooks)
})
