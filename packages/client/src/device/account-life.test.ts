import { bytesOf } from '@quintet/domain'
import { activeDevices, mayManage } from '@quintet/identity'
import { FrameSchema, fromBinary } from '@quintet/wire'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestDevice, type TestClientDevice } from '../../test/device.ts'
import { loadTestEngine } from '../../test/engine.ts'
import { createTestClock, createTestRelay, type TestClock, type TestRelay } from '../../test/relay.ts'
import { fillStock } from '../keypackage/stock.ts'
import { takeKeyPackages } from '../keypackage/take.ts'
import { numberOf } from '../store/row.ts'
import { closeAccount } from './delete-account.ts'
import { refresh, stateOf } from './directory.ts'
import { followLogs } from './follow-logs.ts'
import { lookup } from './handle.ts'
import { newRecovery } from './new-recovery.ts'
import { recover } from './recover.ts'
import { renameDevice } from './rename.ts'
import { makeMain, setRights } from './rights.ts'
import { leaveAccount } from './sign-out.ts'
import { signUp } from './sign-up.ts'
import { publishStatement, suiteFor } from './statement.ts'
import { unlink } from './unlink.ts'
import { verifyWords } from './verify.ts'
import { deviceViews } from './view.ts'

const dayMs = 24 * 60 * 60 * 1000

describe('an account and its devices', () => {
  let clock: TestClock
  let relay: TestRelay
  let all: TestClientDevice[]
  const device = () => {
    const made = createTestDevice(relay, clock, loadTestEngine)
    all.push(made)
    return made
  }
  const signedUp = async (handle: string) => {
    const made = device()
    const { recovery, account } = await signUp(made.core, made.hooks, { handle, name: 'Ada', deviceName: 'Pocket' })
    return { ...made, recovery, account }
  }
  const recovered = async (handle: string, key: string, name = 'Spare') => {
    const made = device()
    await recover(made.core, made.hooks, { handle, key, name })
    return made
  }
  const names = async (of: TestClientDevice) => (await deviceViews(of.core)).map((view) => view.name)

  beforeEach(async () => {
    clock = createTestClock()
    relay = await createTestRelay({ clock })
    all = []
  })
  afterEach(async () => {
    for (const made of all) await made.link.end()
  })

  test('sign-up makes an account with one main device that manages, a self chat, key packages, a statement and a kit', async () => {
    const ada = await signedUp('ada')
    expect(ada.recovery.split(' ')).toHaveLength(12)
    expect(ada.core.own()?.account).toBe(ada.account)
    const [view, ...others] = await deviceViews(ada.core)
    expect(others).toEqual([])
    expect(view).toMatchObject({ name: 'Pocket', kind: 'phone', main: true, self: true, manage: true })
    expect(ada.asked.selfChats).toBe(1)
    expect(ada.asked.ops.map((op) => op.key)).toContain('profile/name')
    const stock = await ada.core.relay.call('keyPackageStock', {}, 'stock')
    expect(stock.hybrid).toBe(10)
    expect(stock.base).toBe(10)
    expect(stock.hybridLastResortAtMs).toBeGreaterThan(0n)
    expect(suiteFor(ada.core, [ada.account])).toBe('hybrid')
    expect((await ada.core.relay.call('getKitBlob', {}, 'kitBlob')).blob.length).toBeGreaterThan(1000)
  })

  test('a handle that is taken, malformed or reserved makes no account, and the profile stays free for another try', async () => {
    await signedUp('ada')
    const late = device()
    await expect(signUp(late.core, late.hooks, { handle: 'ada' })).rejects.toMatchObject({ code: 'handle-taken' })
    await expect(signUp(late.core, late.hooks, { handle: 'A!' })).rejects.toMatchObject({ code: 'handle-invalid' })
    await expect(signUp(late.core, late.hooks, { handle: 'self' })).rejects.toMatchObject({ code: 'handle-invalid' })
    expect(late.core.own()).toBeUndefined()
    await signUp(late.core, late.hooks, { handle: 'ada2' })
    expect(late.core.own()).toBeDefined()
  })

  test('a profile that has an account takes no second one', async () => {
    const ada = await signedUp('ada')
    await expect(signUp(ada.core, ada.hooks, { handle: 'eve' })).rejects.toMatchObject({ code: 'profile-exists' })
    await expect(recover(ada.core, ada.hooks, { handle: 'ada', key: ada.recovery, name: 'x' })).rejects.toMatchObject({
      code: 'profile-exists',
    })
  })

  test('a sign-up that is cut off after the relay took it is finished by the same command', async () => {
    const ada = device()
    const cut = { ...ada.hooks, createSelfChat: () => Promise.reject(new Error('power cut')) }
    await expect(signUp(ada.core, cut, { handle: 'ada' })).rejects.toThrow('power cut')
    const { recovery, account } = await signUp(ada.core, ada.hooks, { handle: 'ada' })
    expect(ada.core.own()?.account).toBe(account)
    const spare = await recovered('ada', recovery)
    expect(spare.core.own()?.account).toBe(account)
    expect(numberOf(ada.db.get("select count(*) as n from secret where key like 'sign-up%'") ?? {}, 'n')).toBe(0)
  })

  test('with every device gone the kit makes a new one, which manages at once and knows the names of the others', async () => {
    const ada = await signedUp('ada')
    await ada.link.end()
    const spare = await recovered('ada', ada.recovery)
    const own = spare.core.mustOwn()
    const state = stateOf(spare.core, own.account)
    expect(state && mayManage(state, own.device)).toBe(true)
    expect(await names(spare)).toEqual(['Pocket', 'Spare'])
    expect(spare.asked.joined).toBe(1)
  })

  test('wrong words recover nothing: no words at all, another kit, an old kit, an unknown handle', async () => {
    const ada = await signedUp('ada')
    const eve = await signedUp('eve')
    const { recovery } = await newRecovery(ada.core, ada.hooks, ada.recovery)
    const spare = device()
    const attempt = (handle: string, key: string) => recover(spare.core, spare.hooks, { handle, key, name: 'Spare' })
    await expect(attempt('ada', 'one two three')).rejects.toMatchObject({ code: 'recovery-wrong' })
    await expect(attempt('ada', eve.recovery)).rejects.toMatchObject({ code: 'recovery-wrong' })
    await expect(attempt('ada', ada.recovery)).rejects.toMatchObject({ code: 'recovery-wrong' })
    await expect(attempt('nobody', recovery)).rejects.toMatchObject({ code: 'unknown-handle' })
    expect(spare.core.own()).toBeUndefined()
    await attempt('ada', recovery)
  })

  test('a new kit needs the words of the old one', async () => {
    const ada = await signedUp('ada')
    const eve = await signedUp('eve')
    await expect(newRecovery(ada.core, ada.hooks, undefined)).rejects.toMatchObject({ code: 'recovery-wrong' })
    await expect(newRecovery(ada.core, ada.hooks, eve.recovery)).rejects.toMatchObject({ code: 'recovery-wrong' })
    const before = stateOf(ada.core, ada.account)?.head.position
    expect(before).toBe(0n)
  })

  test('an unlinked device is cut off by the relay at once, and is told why', async () => {
    const ada = await signedUp('ada')
    const spare = await recovered('ada', ada.recovery)
    await expect(unlink(ada.core, ada.hooks, spare.core.mustOwn().device)).rejects.toMatchObject({
      code: 'not-allowed',
    }) // D8: 72 h
    await unlink(spare.core, spare.hooks, ada.core.mustOwn().device)
    await expect.poll(() => ada.link.refusal?.code).toBe('unlinked')
    await expect(ada.link.online(1000)).rejects.toMatchObject({ code: 'unlinked' })
    expect(await names(spare)).toEqual(['Spare'])
    expect(spare.asked.removals).toBe(1)
    expect(spare.asked.ops.at(-1)?.key).toMatch(/^removed\//)
  })

  test('what the kit added can be unlinked by a device after three days, and by the kit at any time', async () => {
    const ada = await signedUp('ada')
    const one = await recovered('ada', ada.recovery, 'One')
    const two = await recovered('ada', ada.recovery, 'Two')
    await unlink(ada.core, ada.hooks, one.core.mustOwn().device, ada.recovery)
    clock.forward(3 * dayMs + 1000)
    await unlink(ada.core, ada.hooks, two.core.mustOwn().device)
    expect(await names(ada)).toEqual(['Pocket'])
  })

  test('a device that is none of the account cannot be unlinked, renamed or made main; nor can this one unlink itself', async () => {
    const ada = await signedUp('ada')
    const eve = await signedUp('eve')
    const foreign = eve.core.mustOwn().device
    await expect(unlink(ada.core, ada.hooks, foreign)).rejects.toMatchObject({ code: 'unknown-device' })
    await expect(renameDevice(ada.core, ada.hooks, foreign, 'x')).rejects.toMatchObject({ code: 'unknown-device' })
    await expect(makeMain(ada.core, foreign)).rejects.toMatchObject({ code: 'unknown-device' })
    await expect(setRights(ada.core, foreign, 'none')).rejects.toMatchObject({ code: 'unknown-device' })
    await expect(unlink(ada.core, ada.hooks, ada.core.mustOwn().device)).rejects.toMatchObject({ code: 'not-allowed' })
  })

  test('rights are given and taken, the main device is another one, names are what one says', async () => {
    const ada = await signedUp('ada')
    const spare = await recovered('ada', ada.recovery)
    const { device: first } = ada.core.mustOwn()
    const { device: second } = spare.core.mustOwn()
    await setRights(spare.core, first, 'none')
    await expect(setRights(ada.core, second, 'none')).rejects.toMatchObject({ code: 'not-allowed' })
    await expect(unlink(ada.core, ada.hooks, second)).rejects.toMatchObject({ code: 'not-allowed' })
    await makeMain(spare.core, second)
    await setRights(spare.core, first, 'manage')
    await renameDevice(spare.core, spare.hooks, second, 'Kitchen')
    const views = await deviceViews(spare.core)
    expect(views.map(({ name, main, manage }) => ({ name, main, manage }))).toEqual([
      { name: 'Kitchen', main: true, manage: true },
      { name: 'Pocket', main: false, manage: true },
    ])
  })

  test("a device hears of its siblings' changes when it looks", async () => {
    const ada = await signedUp('ada')
    const spare = await recovered('ada', ada.recovery)
    await refresh(ada.core, [ada.account])
    expect(ada.events).toContainEqual({
      event: 'device',
      change: 'added',
      device: spare.core.mustOwn().device,
      by: 'recovery',
    })
  })

  test('a device that is connected hears of it at once, and takes what was removed out of its chats', async () => {
    const ada = await signedUp('ada')
    const stop = followLogs(ada.core, ada.hooks)
    const one = await recovered('ada', ada.recovery, 'One')
    const two = await recovered('ada', ada.recovery, 'Two')
    const { device } = one.core.mustOwn()
    await expect.poll(() => ada.events.length).toBe(2)
    await unlink(two.core, two.hooks, device, ada.recovery)
    await expect.poll(() => ada.events.length).toBe(3)
    // Whoever removed it is first to take it out of the chats (C7).
    expect(ada.asked.removals).toBe(0)
    clock.forward(2_000)
    await expect.poll(() => ada.asked.removals).toBe(1)
    expect(ada.events.at(-1)).toEqual({ event: 'device', change: 'removed', device, by: 'recovery' })
    stop()
  })

  test('two devices that change the log at the same moment both get their way', async () => {
    const ada = await signedUp('ada')
    const one = await recovered('ada', ada.recovery, 'One')
    const two = await recovered('ada', ada.recovery, 'Two')
    await Promise.all([
      makeMain(one.core, one.core.mustOwn().device),
      setRights(two.core, ada.core.mustOwn().device, 'none'),
    ])
    await refresh(ada.core, [ada.account])
    const state = stateOf(ada.core, ada.account)
    expect(state?.main).toBe(one.core.mustOwn().device)
    expect(state && mayManage(state, ada.core.mustOwn().device)).toBe(false)
  })

  test('signing out takes the device off the account; the last one stays listed, so that the kit can come back', async () => {
    const ada = await signedUp('ada')
    const spare = await recovered('ada', ada.recovery)
    expect(await leaveAccount(ada.core)).toBe(true)
    expect(await leaveAccount(ada.core)).toBe(true)
    expect(await leaveAccount(spare.core)).toBe(false)
    await recovered('ada', ada.recovery, 'Third')
  })

  test('an account that was deleted lets nobody in and gives nothing out', async () => {
    const ada = await signedUp('ada')
    const eve = await signedUp('eve')
    await expect(closeAccount(ada.core, eve.recovery)).rejects.toMatchObject({ code: 'recovery-wrong' })
    await closeAccount(ada.core)
    await expect.poll(() => ada.link.refusal?.code).toBe('account-closed')
    const spare = device()
    await expect(recover(spare.core, spare.hooks, { handle: 'ada', key: ada.recovery, name: 'x' })).rejects.toThrow()
    await refresh(eve.core, [ada.account])
    expect(stateOf(eve.core, ada.account)?.closed).toBe(true)
    await expect(takeKeyPackages(eve.core, ada.account, 'hybrid')).rejects.toMatchObject({ code: 'account-closed' })
  })

  test('a lost answer to a change is no lost change, and no second one', async () => {
    const ada = await signedUp('ada')
    const spare = await recovered('ada', ada.recovery)
    const { device: second } = spare.core.mustOwn()
    let lost = 0
    relay.tamper((bytes) => {
      const { kind } = fromBinary(FrameSchema, bytes)
      if (lost > 0 || kind.case !== 'response' || kind.value.result.case !== 'logAppended') return bytes
      lost += 1
      relay.breakAll()
      return undefined
    })
    await makeMain(spare.core, second)
    await refresh(ada.core, [ada.account])
    expect(stateOf(ada.core, ada.account)?.main).toBe(second)
    expect(stateOf(ada.core, ada.account)?.head.position).toBe(2n)
    expect(lost).toBe(1)
  })

  test('somebody else can take a key package of each device, checked against the log', async () => {
    const ada = await signedUp('ada')
    const spare = await recovered('ada', ada.recovery)
    const eve = await signedUp('eve')
    const { account } = await lookup(eve.core, 'ada')
    const { packages, missing, state } = await takeKeyPackages(eve.core, account, 'hybrid')
    expect(new Set(packages.map((one) => one.device))).toEqual(
      new Set([ada.core.mustOwn().device, spare.core.mustOwn().device]),
    )
    expect(packages.every((one) => !one.lastResort)).toBe(true)
    expect(missing).toEqual([])
    expect(activeDevices(state)).toHaveLength(2)
    const again = await takeKeyPackages(eve.core, account, 'hybrid', [ada.core.mustOwn().device])
    expect(again.packages.map((one) => one.device)).toEqual([ada.core.mustOwn().device])
    expect(again.packages[0]?.bytes).not.toEqual(packages[0]?.bytes)
  })

  test('the stock is filled up, the last resort changed every week, and what is 60 days old replaced', async () => {
    const ada = await signedUp('ada')
    const stock = () => ada.core.relay.call('keyPackageStock', {}, 'stock')
    await fillStock(ada.core)
    expect((await stock()).hybrid).toBe(50)
    const before = await stock()
    clock.forward(8 * dayMs)
    await ada.link.online(5000)
    await fillStock(ada.core)
    expect((await stock()).hybridLastResortAtMs).toBeGreaterThan(before.hybridLastResortAtMs)
    clock.forward(53 * dayMs)
    await ada.link.online(5000)
    await fillStock(ada.core)
    expect((await stock()).hybrid).toBe(50)
    const kept = () => numberOf(ada.db.get('select count(*) as n from key_package') ?? {}, 'n')
    const old = kept()
    clock.forward(31 * dayMs)
    await ada.link.online(5000)
    await fillStock(ada.core)
    expect(kept()).toBeLessThan(old)
  })

  test('a statement is published once, and again only when something changed', async () => {
    const ada = await signedUp('ada')
    await publishStatement(ada.core)
    const counter = () =>
      numberOf(ada.db.get('select counter from statement where account = ?', ada.account) ?? {}, 'counter')
    expect(counter()).toBe(1)
  })

  test('the safety words are the same on both sides', async () => {
    const ada = await signedUp('ada')
    const eve = await signedUp('eve')
    expect(verifyWords(ada.core, eve.account)).toEqual(verifyWords(eve.core, ada.account))
    expect(verifyWords(ada.core, eve.account)).toHaveLength(12)
  })

  test('an account that is full is told so when it recovers beyond what the kit may', async () => {
    const ada = await signedUp('ada')
    for (let more = 0; more < 5; more++) await recovered('ada', ada.recovery)
    const late = device()
    const attempt = recover(late.core, late.hooks, { handle: 'ada', key: ada.recovery, name: 'x' })
    await expect(attempt).rejects.toMatchObject({ code: 'account-full' })
    await attempt.catch((error) => expect(error.details.devices).toHaveLength(6))
    expect(bytesOf(ada.account)).toHaveLength(32)
  })
})
