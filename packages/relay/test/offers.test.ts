import { expect, test } from 'vitest'
import { expectAnswer, outcome, type TestDevice, type TestWorld } from '../src/testing/index.ts'
import { newWorld } from './new-world.ts'

interface Offer {
  readonly offer: Uint8Array
  readonly commit: Uint8Array
  readonly code: string
}

async function offerOf(world: TestWorld, device: TestDevice): Promise<Offer> {
  const row = { offer: world.random(16), commit: world.random(32) }
  const { code } = expectAnswer(await device.ask({ case: 'offerOpen', value: row }), 'offerOpened')
  return { ...row, code }
}

async function newDevice(world: TestWorld, address = '127.0.0.1'): Promise<TestDevice> {
  return world.device(await world.account(), undefined, address)
}

test('an offer joins two devices: what each sends reaches the other in order, also what was sent before', async () => {
  const world = await newWorld()
  const [alice, fresh] = [await world.person('alice'), await newDevice(world)]
  const { offer, commit, code } = await offerOf(world, fresh)
  expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/)
  const claimed = expectAnswer(await alice.ask({ case: 'offerClaim', value: { code } }), 'offerClaimed')
  expect(claimed).toMatchObject({ offer, commit, network: 'same network' })
  const send = (who: TestDevice, index: number, text: string) =>
    who.ask({ case: 'offerSend', value: { offer, index, message: new TextEncoder().encode(text) } })
  await send(alice, 0, 'hello')
  await send(alice, 1, 'more')
  const heard = [await fresh.line.hears('offerMessage'), await fresh.line.hears('offerMessage')]
  expect(heard.map(({ index }) => index)).toEqual([0, 1])
  alice.line.close()
  expect(outcome(await send(fresh, 0, 'reveal'))).toBe('done')
  await alice.reconnect()
  await alice.ask({ case: 'offerClaim', value: { offer } })
  expect(new TextDecoder().decode((await alice.line.hears('offerMessage')).message)).toBe('reveal')
})

test('an offer is fixed when it is opened: neither its commitment nor a message of it changes after', async () => {
  const world = await newWorld()
  const [alice, fresh] = [await world.person('alice'), await newDevice(world)]
  const { offer } = await offerOf(world, fresh)
  const other = await newDevice(world)
  const again = { offer, commit: world.random(32) }
  expect(outcome(await other.ask({ case: 'offerOpen', value: again }))).toBe('OFFER_INVALID')
  await alice.ask({ case: 'offerClaim', value: { offer } })
  const send = (index: number, message: Uint8Array) =>
    alice.ask({ case: 'offerSend', value: { offer, index, message } })
  const message = Uint8Array.of(1)
  expect(outcome(await send(0, message))).toBe('done')
  expect(outcome(await send(0, message))).toBe('done')
  expect(outcome(await send(0, Uint8Array.of(2)))).toBe('CONFLICT')
  expect(outcome(await send(2, message))).toBe('CONFLICT')
  expect(outcome(await other.ask({ case: 'offerSend', value: { offer, index: 0, message } }))).toBe('OFFER_INVALID')
  const large = await fresh.ask({ case: 'offerSend', value: { offer, index: 0, message: new Uint8Array(5000) } })
  expect(outcome(large)).toBe('TOO_LARGE')
})

test('an offer is claimed by one device, and lives two minutes', async () => {
  const world = await newWorld()
  const [alice, bob, fresh] = [
    await world.person('alice'),
    await world.person('bob'),
    await newDevice(world, '10.0.0.9'),
  ]
  const { offer } = await offerOf(world, fresh)
  const claim = (who: TestDevice) => who.ask({ case: 'offerClaim', value: { offer } })
  expect(expectAnswer(await claim(alice), 'offerClaimed').network).toBe('other network')
  expect(outcome(await claim(bob))).toBe('OFFER_INVALID')
  expect(outcome(await claim(alice))).toBe('done')
  world.clock.pass(119_000)
  expect(outcome(await claim(alice))).toBe('done')
  world.clock.pass(1000)
  expect(outcome(await claim(alice))).toBe('OFFER_INVALID')
})

test('a code is tried five times an hour, and a device that waits for its link is not shown out', async () => {
  const world = await newWorld()
  const [alice, fresh] = [await world.person('alice'), await newDevice(world)]
  const { code } = await offerOf(world, fresh)
  const attempt = async (text: string) => outcome(await alice.ask({ case: 'offerClaim', value: { code: text } }))
  for (let n = 0; n < 5; n++) expect(await attempt('00000000')).toBe('OFFER_INVALID')
  expect(await attempt(code)).toBe('RATE_LIMITED')
  world.clock.pass(60_000)
  expect(fresh.line.closed).toBe(false)
  world.clock.pass(90_000)
  await fresh.line.until(() => fresh.line.closed)
  world.clock.pass(10 * 60_000)
  expect(await attempt('00000000')).toBe('OFFER_INVALID')
})

test('one address opens only so many offers at once', async () => {
  const world = await newWorld({ offersPerAddress: 2 })
  const fresh = await newDevice(world)
  await offerOf(world, fresh)
  await offerOf(world, fresh)
  const third = { offer: world.random(16), commit: world.random(32) }
  expect(outcome(await fresh.ask({ case: 'offerOpen', value: third }))).toBe('RATE_LIMITED')
  expect(outcome(await fresh.ask({ case: 'offerOpen', value: { ...third, commit: new Uint8Array(3) } }))).toBe(
    'MALFORMED',
  )
})
