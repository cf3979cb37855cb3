import { decodeStatement } from '@quintet/identity'
import { fromBinary, LinkMessageSchema } from '@quintet/wire'
import { expect, test } from 'vitest'
import { playLink, random, testAccount, testDevice, type Told } from '../../test/link-story.ts'
import { parseShortCode, shownCode } from './code.ts'
import { wordChoices } from './link-words.ts'
import { encodeMessage, parseMessage } from './message.ts'
import { offerText, parseOffer } from './offer.ts'

const kinds = (told: readonly Uint8Array[]) => told.map((bytes) => fromBinary(LinkMessageSchema, bytes).kind.case)
const lastOf = <T>(list: readonly T[]) => list[list.length - 1]
/** What every attack has to fail at: the approver let out no bootstrap, the new device imported nothing. */
function nothingLeft(told: Told): void {
  expect(kinds(told.sent)).not.toContain('bootstrap')
  expect(told.newSide.map(({ kind }) => kind)).not.toContain('import')
}

async function phoneAndDesktop() {
  const phone = testDevice('phone')
  return { phone, desktop: testDevice('desktop'), account: await testAccount(phone) }
}

test('a desktop is linked: both see the same words, the log lists it, it has what a device needs', async () => {
  const { phone, desktop, account } = await phoneAndDesktop()
  const told = await playLink(account, phone, desktop)
  const asked = told.approver.find((effect) => effect.kind === 'ask')
  const shown = told.newSide.find((effect) => effect.kind === 'ask')
  expect(shown?.kind === 'ask' && asked?.kind === 'ask' && asked.choices[asked.right]).toEqual(
    shown?.kind === 'ask' ? shown.words : [],
  )
  expect(lastOf(told.approver)).toEqual({ kind: 'add-to-self-chat', device: desktop.identity.device })
  expect(lastOf(told.newSide)).toEqual({ kind: 'done' })
  const record = account.state().devices.get(desktop.identity.device)
  expect(record).toMatchObject({ kind: 'desktop', manage: false, manageClaim: true })
  const imported = told.newSide.find((effect) => effect.kind === 'import')
  expect(imported?.kind === 'import' && imported.bootstrap.settings.length).toBeGreaterThan(10)
  const append = told.approver.find((effect) => effect.kind === 'append')
  expect(append?.kind === 'append' && decodeStatement(append.statement.statement)?.device).toBe(desktop.identity.device)
  for (const message of told.sent) expect(message.length).toBeLessThanOrEqual(4096)
})

test('a browser gets no claim to manage', async () => {
  const { phone, account } = await phoneAndDesktop()
  const browser = testDevice('web')
  await playLink(account, phone, browser)
  expect(account.state().devices.get(browser.identity.device)).toMatchObject({ manage: false, manageClaim: false })
})

test('a relay that puts its own key into Reveal is found out', async () => {
  const { phone, desktop, account } = await phoneAndDesktop()
  const told = await playLink(account, phone, desktop, {
    toApprover(bytes) {
      const message = parseMessage(bytes)
      if (message?.case !== 'reveal') return [{ kind: 'message', bytes }]
      const changed = { ...message.value, pkN: random.bytes(1216) }
      return [{ kind: 'message', bytes: encodeMessage({ case: 'reveal', value: changed }) }]
    },
  })
  nothingLeft(told)
  expect(lastOf(told.approver)).toMatchObject({ kind: 'ended', reason: 'fault' })
})

test('a relay that answers the short code with an offer of its own is found out', async () => {
  const { phone, desktop, account } = await phoneAndDesktop()
  const told = await playLink(account, phone, desktop, { offer: ({ offer }) => ({ offer, commit: random.bytes(32) }) })
  nothingLeft(told)
  expect(told.approver.map(({ kind }) => kind)).not.toContain('ask')
})

test('a relay that changes Hello makes the words differ', async () => {
  const { phone, desktop, account } = await phoneAndDesktop()
  const told = await playLink(account, phone, desktop, {
    toNew(bytes) {
      const message = parseMessage(bytes)
      if (message?.case !== 'hello') return [{ kind: 'message', bytes }]
      const changed = { ...message.value, pkA: random.bytes(1216) }
      return [{ kind: 'message', bytes: encodeMessage({ case: 'hello', value: changed }) }]
    },
  })
  const shown = told.newSide.flatMap((effect) => (effect.kind === 'ask' ? [effect.words] : []))[0]
  const asked = told.approver.flatMap((effect) => (effect.kind === 'ask' ? [effect.choices[effect.right]] : []))[0]
  expect(shown).toBeDefined()
  expect(asked).toHaveLength(4)
  expect(asked).not.toEqual(shown)
  // Even had a person overlooked it: what is sealed is bound to what was said.
  expect(told.newSide.map(({ kind }) => kind)).not.toContain('import')
})

for (const which of ['hello', 'reveal'] as const) {
  test(`a relay that repeats ${which} ends it`, async () => {
    const { phone, desktop, account } = await phoneAndDesktop()
    const repeat = (bytes: Uint8Array) => {
      const input = { kind: 'message', bytes } as const
      return parseMessage(bytes)?.case === which ? [input, input] : [input]
    }
    nothingLeft(await playLink(account, phone, desktop, { toNew: repeat, toApprover: repeat }))
  })
}

test('a Reveal, a Draft or a Bootstrap before its time ends it', async () => {
  const { phone, desktop, account } = await phoneAndDesktop()
  const early = encodeMessage({ case: 'draft', value: { enc: random.bytes(1120), ciphertext: random.bytes(40) } })
  const told = await playLink(account, phone, desktop, { toNew: () => [{ kind: 'message', bytes: early }] })
  nothingLeft(told)
  expect(lastOf(told.newSide)).toMatchObject({ kind: 'ended', reason: 'fault' })
})

test('a relay that drops the Draft, or changes it, leaves nothing behind', async () => {
  for (const twist of ['drop', 'change'] as const) {
    const { phone, desktop, account } = await phoneAndDesktop()
    const told = await playLink(account, phone, desktop, {
      toNew(bytes) {
        const message = parseMessage(bytes)
        if (message?.case !== 'draft') return [{ kind: 'message', bytes }]
        if (twist === 'drop') return [{ kind: 'expired' }]
        const ciphertext = message.value.ciphertext.map((byte, at) => (at === 9 ? byte ^ 1 : byte))
        return [{ kind: 'message', bytes: encodeMessage({ case: 'draft', value: { ...message.value, ciphertext } }) }]
      },
    })
    nothingLeft(told)
    expect(account.entries).toHaveLength(1)
  }
})

test('a forged countersignature ends it before anything is appended', async () => {
  const { phone, desktop, account } = await phoneAndDesktop()
  const told = await playLink(account, phone, desktop, {
    toApprover(bytes) {
      const value = { countersignature: random.bytes(64) }
      const forged = encodeMessage({ case: 'countersignature', value })
      return [{ kind: 'message', bytes: parseMessage(bytes)?.case === 'countersignature' ? forged : bytes }]
    },
  })
  nothingLeft(told)
  expect(told.approver.map(({ kind }) => kind)).not.toContain('append')
})

test('an approver that is unlinked midway hands over nothing', async () => {
  const { phone, desktop, account } = await phoneAndDesktop()
  const tablet = testDevice('tablet')
  const add = { kind: 'add', identity: tablet.identity, manageClaim: false } as const
  await account.append(phone, add, tablet)
  await account.append(phone, { kind: 'set-rights', device: tablet.identity.device, manage: true })
  const told = await playLink(account, tablet, desktop, {
    async append() {
      await account.append(phone, { kind: 'remove', device: tablet.identity.device })
      return 'conflict'
    },
  })
  nothingLeft(told)
  expect(account.state().devices.has(desktop.identity.device)).toBe(false)
})

test('an approver that is unlinked right after its entry stood hands over nothing', async () => {
  const { phone, desktop, account } = await phoneAndDesktop()
  const tablet = testDevice('tablet')
  await account.append(phone, { kind: 'add', identity: tablet.identity, manageClaim: false }, tablet)
  await account.append(phone, { kind: 'set-rights', device: tablet.identity.device, manage: true })
  const told = await playLink(account, tablet, desktop, {
    async append(entry) {
      account.entries.push(entry)
      await account.append(phone, { kind: 'remove', device: tablet.identity.device })
      return 'conflict'
    },
  })
  nothingLeft(told)
})

test('a race that is lost once is run again, one lost three times is given up', async () => {
  for (const losses of [1, 2, 3]) {
    const { phone, desktop, account } = await phoneAndDesktop()
    const told = await playLink(account, phone, desktop, {
      async append(_entry, attempt) {
        if (attempt >= losses) return 'accepted'
        await account.append(phone, { kind: 'make-main', device: phone.identity.device })
        return 'conflict'
      },
    })
    if (losses < 3) expect(lastOf(told.newSide)).toEqual({ kind: 'done' })
    else nothingLeft(told)
    expect(account.state().devices.has(desktop.identity.device)).toBe(losses < 3)
  }
})

test('an acceptance whose answer was lost is seen in the log', async () => {
  const { phone, desktop, account } = await phoneAndDesktop()
  const told = await playLink(account, phone, desktop, {
    append(entry) {
      account.entries.push(entry)
      return Promise.resolve('conflict')
    },
  })
  expect(lastOf(told.newSide)).toEqual({ kind: 'done' })
})

test('a relay that says "accepted" and does not show the entry gets nothing', async () => {
  const { phone, desktop, account } = await phoneAndDesktop()
  const told = await playLink(account, phone, desktop, { log: (entries) => entries.slice(0, 1) })
  nothingLeft(told)
})

test('a relay that shows the new device another log, or a shorter one, is found out', async () => {
  const { phone, desktop, account } = await phoneAndDesktop()
  await account.append(phone, { kind: 'make-main', device: phone.identity.device })
  const strangers = await testAccount(testDevice('phone'))
  for (const log of [strangers.entries, account.entries.slice(0, 1), []]) {
    const told = await playLink(account, phone, desktop, { log: (entries, side) => (side === 'new' ? log : entries) })
    nothingLeft(told)
    expect(told.newSide.map(({ kind }) => kind)).not.toContain('ask')
  }
})

test('wrong words, a refusal on either side, and two minutes end it', async () => {
  const twists = [
    { twist: { pick: (right: number) => (right + 1) % 4 }, reason: 'words' },
    { twist: { pick: () => undefined }, reason: 'refused' },
    { twist: { confirm: 'refused' as const }, reason: 'refused' },
    { twist: { confirm: 'expired' as const }, reason: 'expired' },
  ]
  for (const { twist, reason } of twists) {
    const { phone, desktop, account } = await phoneAndDesktop()
    const told = await playLink(account, phone, desktop, twist)
    nothingLeft(told)
    expect(account.entries).toHaveLength(1)
    expect(lastOf(told.newSide)).toMatchObject({ kind: 'ended', reason })
    if (reason !== 'expired') expect(lastOf(told.approver)).toMatchObject({ kind: 'ended', reason })
  }
})

test('a full account says so to both', async () => {
  const { phone, desktop, account } = await phoneAndDesktop()
  const told = await playLink(account, phone, desktop, { append: () => Promise.resolve('full') })
  nothingLeft(told)
  expect(lastOf(told.newSide)).toEqual({ kind: 'ended', reason: 'full', by: 'other-side' })
})

test('a channel that was tampered with, noise and too much of it end it', async () => {
  for (const bytes of [random.bytes(100), new Uint8Array(), new Uint8Array(5000)]) {
    const { phone, desktop, account } = await phoneAndDesktop()
    nothingLeft(await playLink(account, phone, desktop, { toNew: () => [{ kind: 'message', bytes }] }))
  }
  const { phone, desktop, account } = await phoneAndDesktop()
  nothingLeft(await playLink(account, phone, desktop, { toApprover: () => [{ kind: 'tampered' }] }))
})

test('an offer survives being a link, and nothing else is one', () => {
  const offer = { offer: random.bytes(16), commit: random.bytes(32), relay: 'https://chat.example.org' }
  expect(parseOffer(` ${offerText(offer).toUpperCase()}\n`)).toEqual(offer)
  for (const wrong of ['', 'quintet:link?o=', 'quintet:link?o=zz', offerText(offer).slice(0, -2), 'K3F9-Q2MX']) {
    expect(parseOffer(wrong)).toBeUndefined()
  }
  expect(parseOffer(offerText({ ...offer, relay: 'https://chat.example.org/path' }))).toBeUndefined()
  expect(parseOffer(offerText({ ...offer, commit: random.bytes(31) }))).toBeUndefined()
})

test('a short code is read as people type it', () => {
  expect(parseShortCode('k3f9-q2mx')).toBe('K3F9Q2MX')
  expect(parseShortCode(' OIL0 1234 ')).toBe('01101234')
  expect(shownCode('K3F9Q2MX')).toBe('K3F9-Q2MX')
  for (const wrong of ['', 'K3F9Q2M', 'K3F9Q2MXX', 'K3F9Q2MU', 'quintet:link?o=00'])
    expect(parseShortCode(wrong)).toBeUndefined()
})

test('the right words stand anywhere among four that have no word in common', () => {
  const words = ['abandon', 'ability', 'able', 'about']
  const places = new Set<number>()
  for (let round = 0; round < 100; round++) {
    const { choices, right } = wordChoices(words, random)
    places.add(right)
    expect(choices).toHaveLength(4)
    expect(choices[right]).toBe(words)
    expect(choices.filter((list) => list[0] === 'abandon')).toHaveLength(1)
  }
  expect([...places].sort()).toEqual([0, 1, 2, 3])
})
