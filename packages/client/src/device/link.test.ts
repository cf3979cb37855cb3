import { activeDevices, mayManage } from '@quintet/identity'
import { create, FrameSchema, fromBinary, LinkMessageSchema, toBinary } from '@quintet/wire'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestDevice, type TestClientDevice } from '../../test/device.ts'
import { loadTestEngine } from '../../test/engine.ts'
import { linkBoth } from '../../test/link.ts'
import { createTestClock, createTestRelay, type TestClock, type TestRelay } from '../../test/relay.ts'
import { approve } from './approve.ts'
import { claimWhenDue } from './claim.ts'
import { refresh, stateOf } from './directory.ts'
import { newRecovery } from './new-recovery.ts'
import { makeMain, setRights } from './rights.ts'
import { closeAccount } from './delete-account.ts'
import { leaveAccount } from './sign-out.ts'
import { signUp } from './sign-up.ts'
import { unlink } from './unlink.ts'
import { deviceViews } from './view.ts'

const dayMs = 24 * 60 * 60 * 1000
const failed = (code: string) => ({ status: 'rejected', reason: { code } })

describe('linking a device', () => {
  let clock: TestClock
  let relay: TestRelay
  let all: TestClientDevice[]
  let phone: TestClientDevice
  const device = () => {
    const made = createTestDevice(relay, clock, loadTestEngine)
    all.push(made)
    return made
  }
  const views = (of: TestClientDevice) => deviceViews(of.core)
  const listed = async () => {
    await refresh(phone.core, [phone.core.mustOwn().account])
    const state = stateOf(phone.core, phone.core.mustOwn().account)
    return state === undefined ? 0 : activeDevices(state).length
  }
  const linkedBy = async (approver: TestClientDevice, story: Parameters<typeof linkBoth>[2] = {}) => {
    const made = device()
    const { linked, approved } = await linkBoth(approver, made, story)
    expect(linked).toMatchObject({ status: 'fulfilled' })
    expect(approved).toMatchObject({ status: 'fulfilled' })
    return made
  }

  beforeEach(async () => {
    clock = createTestClock()
    relay = await createTestRelay({ clock })
    all = []
    phone = device()
    await signUp(phone.core, phone.hooks, { handle: 'ada', deviceName: 'Phone of Ada' })
  })
  afterEach(async () => {
    for (const made of all) await made.link.end()
  })

  test('both screens show the same four words, and the device is part of the account on probation', async () => {
    const laptop = device()
    const { linked, approved, seen } = await linkBoth(phone, laptop)
    const own = laptop.core.mustOwn()
    expect(linked).toEqual({
      status: 'fulfilled',
      value: { account: phone.core.mustOwn().account, device: own.device },
    })
    expect(approved).toMatchObject({
      status: 'fulfilled',
      value: { device: own.device, kind: 'desktop', words: seen.newcomer },
    })
    expect(seen.newcomer).toHaveLength(4)
    expect(seen.approver).toEqual(seen.newcomer)
    expect(seen.handle).toBe('ada')
    const [, view] = await views(phone)
    expect(view).toMatchObject({ device: own.device, kind: 'desktop', manage: false, main: false })
    expect(Date.parse(view?.probationUntil ?? '')).toBeGreaterThan(clock.now() + dayMs - 60_000)
    expect(phone.asked.added).toEqual([own.device])
    expect(laptop.asked.joined).toBe(1)
  })

  test('the new device knows what its siblings are called, whom the account knows, and says its own name', async () => {
    const laptop = await linkedBy(phone, { name: 'Laptop' })
    expect((await views(laptop)).map((view) => view.name)).toEqual(['Phone of Ada', 'Laptop'])
    expect(laptop.asked.imported).toHaveLength(1)
    expect(laptop.asked.ops.map((op) => op.key)).toEqual([`device-name/${laptop.core.mustOwn().device}`])
  })

  test('the short code does as well as the link, however it is typed', async () => {
    const laptop = device()
    const { approved, offer } = await linkBoth(phone, laptop, { byCode: true })
    expect(approved).toMatchObject({ status: 'fulfilled' })
    expect(offer.code).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/)
  })

  test('wrong words end it on both sides, and nothing was changed', async () => {
    const laptop = device()
    const { linked, approved } = await linkBoth(phone, laptop, { pick: async ({ right }) => (right + 1) % 4 })
    expect(approved).toMatchObject(failed('words-mismatch'))
    expect(linked).toMatchObject(failed('words-mismatch'))
    expect(await listed()).toBe(1)
    expect(laptop.core.own()).toBeUndefined()
  })

  test('whoever approves can refuse', async () => {
    const laptop = device()
    const { linked, approved } = await linkBoth(phone, laptop, { pick: async () => undefined })
    expect(approved).toMatchObject(failed('words-mismatch'))
    expect(linked).toMatchObject(failed('refused-by-other-side'))
    expect(await listed()).toBe(1)
  })

  test('whoever holds the new device can refuse', async () => {
    const laptop = device()
    const never = new Promise<undefined>(() => {})
    const { linked, approved } = await linkBoth(phone, laptop, { confirm: async () => false, pick: () => never })
    expect(linked).toMatchObject(failed('words-mismatch'))
    expect(approved).toMatchObject(failed('refused-by-other-side'))
    expect(await listed()).toBe(1)
  })

  test('an offer is over after two minutes', async () => {
    const laptop = device()
    const { linked, approved } = await linkBoth(phone, laptop, { meanwhile: () => clock.forward(121_000) })
    expect(linked).toMatchObject(failed('offer-invalid'))
    expect(approved).toMatchObject(failed('offer-invalid'))
  })

  test('two minutes without an answer end it on both sides', async () => {
    const laptop = device()
    const never = new Promise<undefined>(() => {})
    const { linked, approved } = await linkBoth(phone, laptop, {
      pick: () => {
        clock.forward(121_000)
        return never
      },
    })
    expect(linked).toMatchObject(failed('offer-invalid'))
    expect(approved).toMatchObject(failed('offer-invalid'))
    expect(await listed()).toBe(1)
  })

  test('an offer works once: another device of the account cannot take it up again', async () => {
    const other = await linkedBy(phone, { manage: true })
    const laptop = device()
    const { offer } = await linkBoth(phone, laptop)
    const again = (by: TestClientDevice) =>
      approve(by.core, by.hooks, offer.offer, { manage: false }, { pick: async ({ right }) => right })
    await expect(again(other)).rejects.toMatchObject({ code: 'offer-invalid' })
    expect(await listed()).toBe(3)
  })

  test('what is no offer, or another relay’s, is told as such', async () => {
    const ask = { pick: async () => undefined }
    const attempt = (text: string) => approve(phone.core, phone.hooks, text, { manage: false }, ask)
    await expect(attempt('quintet:link?o=00')).rejects.toMatchObject({ code: 'offer-invalid' })
    await expect(attempt('hello')).rejects.toMatchObject({ code: 'offer-invalid' })
    await expect(attempt('AAAA-AAAA')).rejects.toMatchObject({ code: 'offer-invalid' })
  })

  test('a fifth linked device is refused on both sides, with the four that could make room', async () => {
    for (let more = 0; more < 4; more++) await linkedBy(phone)
    const { linked, approved } = await linkBoth(phone, device())
    expect(linked).toMatchObject(failed('account-full'))
    expect(approved).toMatchObject(failed('account-full'))
    if (approved.status === 'fulfilled') return
    expect(approved.reason.details.devices).toHaveLength(4)
    expect(approved.reason.details.devices.every((one: { lastSeen?: string }) => one.lastSeen !== undefined)).toBe(true)
    expect(approved.reason.message).toContain('Desktop')
    expect(await listed()).toBe(5)
  })

  test('a device without the right, or still on probation, approves nobody', async () => {
    const laptop = await linkedBy(phone)
    const attempt = approve(laptop.core, laptop.hooks, 'AAAA-AAAA', { manage: false }, { pick: async () => undefined })
    await expect(attempt).rejects.toMatchObject({ code: 'not-allowed' })
    expect(await listed()).toBe(2)
  })

  test('a phished device can do nothing to the others before its day has passed (D6-D8)', async () => {
    const phished = await linkedBy(phone)
    const { device: victim } = phone.core.mustOwn()
    const { device: own } = phished.core.mustOwn()
    const deeds = [
      () => unlink(phished.core, phished.hooks, victim),
      () => makeMain(phished.core, own),
      () => setRights(phished.core, own, 'manage'),
      () => setRights(phished.core, victim, 'none'),
      () => closeAccount(phished.core),
    ]
    for (const deed of deeds) await expect(deed()).rejects.toMatchObject({ code: 'not-allowed' })
    await expect(newRecovery(phished.core, phished.hooks, undefined)).rejects.toMatchObject({ code: 'recovery-wrong' })
    expect(await claimWhenDue(phished.core)).toBe(false)
    await refresh(phone.core, [phone.core.mustOwn().account])
    expect(stateOf(phone.core, phone.core.mustOwn().account)?.head.position).toBe(1n)
    await unlink(phone.core, phone.hooks, own)
    await expect.poll(() => phished.link.refusal?.code).toBe('unlinked')
  })

  test('a day later, unopposed, it may manage by itself; it unlinks the phone that is lost', async () => {
    const laptop = await linkedBy(phone)
    await phone.link.end()
    clock.forward(dayMs + 60_000)
    await laptop.link.online(5000)
    expect(await claimWhenDue(laptop.core)).toBe(true)
    expect(await claimWhenDue(laptop.core)).toBe(false)
    await unlink(laptop.core, laptop.hooks, phone.core.mustOwn().device)
    expect((await views(laptop)).map((view) => view.self)).toEqual([true])
  })

  test('a device in the web gets no right by waiting, unless it was given at once', async () => {
    const web = await linkedBy(phone, { kind: 'web' })
    const state = () => stateOf(web.core, web.core.mustOwn().account)
    expect((await views(web)).find((view) => view.self)?.probationUntil).toBeUndefined()
    clock.forward(dayMs + 60_000)
    await web.link.online(5000)
    expect(await claimWhenDue(web.core)).toBe(false)
    const trusted = await linkedBy(phone, { kind: 'web', manage: true })
    await refresh(web.core, [web.core.mustOwn().account])
    const after = state()
    expect(after && mayManage(after, trusted.core.mustOwn().device)).toBe(true)
    expect(after && mayManage(after, web.core.mustOwn().device)).toBe(false)
  })

  test('with both screens before the approver the right comes at once, by an entry of its own', async () => {
    const laptop = await linkedBy(phone, { manage: true })
    const state = stateOf(laptop.core, laptop.core.mustOwn().account)
    expect(state?.head.position).toBe(2n)
    expect(state && mayManage(state, laptop.core.mustOwn().device)).toBe(true)
    await linkedBy(laptop, { name: 'Tablet', kind: 'tablet' })
  })

  test('a linked device signs itself out', async () => {
    const laptop = await linkedBy(phone)
    expect(await leaveAccount(laptop.core)).toBe(true)
    expect(await listed()).toBe(1)
  })

  test('connections that break in the middle only delay it', async () => {
    const laptop = device()
    const { linked, approved } = await linkBoth(phone, laptop, {
      pick: async ({ right }) => {
        relay.breakAll()
        return right
      },
    })
    expect(linked).toMatchObject({ status: 'fulfilled' })
    expect(approved).toMatchObject({ status: 'fulfilled' })
    expect(await listed()).toBe(2)
  })

  test.each(['hello', 'reveal', 'draft', 'bootstrap'] as const)(
    'a relay that changes the %s gets nobody in',
    async (which) => {
      relay.tamper((bytes) => {
        const frame = fromBinary(FrameSchema, bytes)
        if (frame.kind.case !== 'push' || frame.kind.value.kind.case !== 'offerMessage') return bytes
        const message = fromBinary(LinkMessageSchema, frame.kind.value.kind.value.message)
        if (message.kind.case !== which) return bytes
        if (message.kind.case === 'hello') message.kind.value.pkA[0] = (message.kind.value.pkA[0] ?? 0) ^ 1
        if (message.kind.case === 'reveal') message.kind.value.pkN[0] = (message.kind.value.pkN[0] ?? 0) ^ 1
        if (message.kind.case === 'draft' || message.kind.case === 'bootstrap')
          message.kind.value.ciphertext[0] = (message.kind.value.ciphertext[0] ?? 0) ^ 1
        frame.kind.value.kind.value.message = toBinary(LinkMessageSchema, message)
        return toBinary(FrameSchema, create(FrameSchema, frame))
      })
      const laptop = device()
      const words = new Map<string, readonly string[]>()
      const { linked, approved, seen } = await linkBoth(phone, laptop, {
        // People who compare: only what both screens show is taken.
        confirm: async (shown) => {
          words.set('new', shown)
          return true
        },
        pick: async ({ choices }) => {
          const shown = words.get('new')
          const at = choices.findIndex((choice) => shown !== undefined && choice.join(' ') === shown.join(' '))
          return at < 0 ? undefined : at
        },
      })
      relay.tamper((bytes) => bytes)
      expect(linked.status).toBe('rejected')
      expect(laptop.core.own()).toBeUndefined()
      expect(approved.status).toBe('rejected')
      expect(await listed()).toBe(1)
      expect(seen.newcomer).toBeDefined()
    },
  )
})
