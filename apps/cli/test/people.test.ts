import { ClientError } from '@quintet/client-node'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fakeClient, kit } from './fake-client.ts'
import { fakeTerminal, runOn } from './fake-terminal.ts'
import { bobChat, groupChat, hello, kitchen } from './people.ts'

beforeEach(() => {
  vi.stubEnv('TZ', 'UTC')
  vi.useFakeTimers({ now: Date.parse('2026-03-03T09:40:00.000Z'), toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

const newcomer = { self: () => undefined }

describe('people read tables and sentences', () => {
  test('the list of chats', async () => {
    expect((await runOn(fakeClient(), ['chats'])).out).toMatchInlineSnapshot(`
      "CHAT           TO                 LAST
      Bob Arden      bob         1 new  28 min ago  Good morning. Rehearsal at eight?
      Summer house   c_9f9f9f9f         27 min ago  you: Yes, and bring the second violin part
      Notes to self  self
      "
    `)
  })

  test('a thread', async () => {
    expect((await runOn(fakeClient(), ['messages', 'bob'])).out).toMatchInlineSnapshot(`
      "Today
      09:12  bob   Good morning. Rehearsal at eight?  m_01010101
                   🎻 mara
                   ╭ bob: Good morning. Rehearsal at eight?
      09:13  mara  Yes,
                   and bring the second violin part  edited · ✓✓ delivered · m_02020202
      "
    `)
  })

  test('their devices', async () => {
    expect((await runOn(fakeClient(), ['devices'])).out).toMatchInlineSnapshot(`
      "DEVICE   KIND                     MANAGES                 LAST SEEN   ID
      Phone    phone    main, this one  yes                     now         d_0d0d0d0d
      Kitchen  display                  from tomorrow at 09:40  10 min ago  d_1d1d1d1d
      "
    `)
  })

  test('the recovery kit, numbered, with what to do with it', async () => {
    expect((await runOn(fakeClient(newcomer), ['signup', '--handle', 'mara'])).out).toMatchInlineSnapshot(`
      "mara is yours. This device is the first of your account.

      Your recovery kit is these twelve words. They let you back in when every device is gone, and they
      outrank every device: whoever has them has your account.

         1  legal     2  winner    3  thank
         4  year      5  wave      6  sausage
         7  worth     8  useful    9  legal
        10  winner   11  thank    12  yellow

      Write them on paper or keep them in a password manager now. They are not shown again.

      Then say hello:            quintet send HANDLE "Hello"
      Take in a second device:   quintet link --kind phone --name Phone there
      "
    `)
  })

  test('an offer as a picture, a link and a code, then the words', async () => {
    const terminal = fakeTerminal(['y'])
    const client = fakeClient(newcomer)
    const { out, code } = await runOn(client, ['link', '--kind', 'display', '--name', 'Kitchen'], terminal)
    expect(code).toBe(0)
    expect(out).toMatch(/[▀▄█]{7} /)
    expect(out.replace(/^.*[▀▄█].*\n/gm, '')).toMatchInlineSnapshot(`
      "On a device that is part of your account, scan this, or give it the link or the code:

                               
                               

        link  quintet:offer?o=1
        code  7K3M-9QXT      there: quintet approve 7K3M-9QXT

      It is good for two minutes, until 09:42, and works once.

      mara is about to take this device in. Pick these words on the other screen:

          amber   basil   cello   dune

      Is mara your account, and are these the words there? [y/N] 
      Kitchen is part of the account now.
      Your chats come in, those written to last first. Whatever is not in yet comes with later commands.
      "
    `)
    expect(client.calls).toContain('confirmed true')
  })

  test.each([['n'], [''], ['perhaps']])('anything but yes to the words (%j) is no', async (given) => {
    const client = fakeClient(newcomer)
    await runOn(client, ['link', '--kind', 'display', '--name', 'Kitchen'], fakeTerminal([given]))
    expect(client.calls).toContain('confirmed false')
  })

  test('four choices to pick from, with a warning', async () => {
    const client = fakeClient()
    const { out } = await runOn(client, ['approve', '7K3M-9QXT'], fakeTerminal(['2']))
    expect(out).toMatchInlineSnapshot(`
      "Kitchen wants to join your account. Pick the words that it shows.
      A display, Linux, in the same network as this one

        1  a   b   c   d
        2  amber   basil   cello   dune
        3  e   f   g   h
        4  i   j   k   l

      Is somebody asking you to do this over the phone or in a chat? They could read everything.
      Press Enter alone to cancel.

      Which words? [1-4] 
      Kitchen is part of your account. It can do everything except manage your devices; that begins tomorrow at 09:40.
      "
    `)
    expect(client.calls).toContain('picked 1')
  })

  test.each([
    [[''], 'picked undefined'],
    [[], 'picked undefined'],
    [['9', '4'], 'picked 3'],
    [['amber', 'basil'], 'picked undefined'],
  ])('answering %j: %s', async (answers, called) => {
    const client = fakeClient()
    await runOn(client, ['approve', '7K3M-9QXT'], fakeTerminal(answers))
    expect(client.calls).toContain(called)
  })

  test('what happens while listening, who came and went by name, nothing where only devices changed', async () => {
    const terminal = fakeTerminal()
    let chats = [bobChat, groupChat]
    const client = fakeClient({ chats: () => chats })
    const tell = (change: 'new' | 'members' | 'info' | 'left' | 'held' | 'request', next: typeof chats) => {
      chats = next
      client.tell({ event: 'chat', chat: next.at(-1)?.chat ?? bobChat.chat, change })
    }
    const fetched = client.sync
    client.sync = async () => {
      queueMicrotask(() => {
        tell('members', [groupChat, bobChat])
        tell('members', [groupChat])
        tell('members', [{ ...groupChat, with: ['bob', 'dave'] }])
        tell('info', [{ ...groupChat, title: 'Winter house', with: ['bob', 'dave'] }])
        tell('info', [{ ...groupChat, title: 'Winter house', with: ['bob', 'dave'] }])
        tell('left', [{ ...groupChat, title: 'Winter house' }])
        tell('request', [{ ...bobChat, title: 'eve', request: true }])
        tell('left', [{ ...bobChat, held: 'This account is gone. What was said is still here.' }])
        terminal.stop()
      })
      return await fetched()
    }
    expect((await runOn(client, ['listen'], terminal)).out).toMatchInlineSnapshot(`
      "dave joined Summer house; carol left Summer house
      Summer house is called Winter house now
      You are no longer in Winter house
      eve is new and wants to write to you: quintet chats
      Bob Arden: This account is gone. What was said is still here.
      "
    `)
  })

  test('the same words on both sides', async () => {
    expect((await runOn(fakeClient(), ['verify', 'bob'])).out).toContain('1  legal')
  })

  test('how things stand', async () => {
    const offline = fakeClient({
      online: () => Promise.reject(new ClientError('offline', 'No.')),
      status: () => ({ ...fakeClient().status(), connected: false, outbox: 2, gaps: 1 }),
    })
    expect((await runOn(offline, ['status'])).out).toMatchInlineSnapshot(`
      "relay                http://127.0.0.1:4747, not reachable
      waiting to go out    2 entries
      missing here         1 place
      chats still to join  none
      account              a_0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a
      device               d_0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d
      "
    `)
  })

  test('deleting the account takes the handle typed out', async () => {
    const refused = fakeClient()
    expect(await runOn(refused, ['delete-account'], fakeTerminal(['yes']))).toMatchObject({ code: 1 })
    expect(refused.calls).toEqual([])
    const done = fakeClient()
    expect(await runOn(done, ['delete-account'], fakeTerminal(['mara']))).toMatchObject({ code: 0 })
    expect(done.calls).toContain('deleteAccount()')
  })

  test('signing out asks where somebody sits, and only there', async () => {
    const refused = fakeClient()
    await runOn(refused, ['signout'], fakeTerminal([''], { interactive: true }))
    expect(refused.calls).toEqual([])
    const alone = fakeClient()
    await runOn(alone, ['signout'])
    expect(alone.calls).toContain('signOut()')
  })

  test('a full account lists what could make room, and how', async () => {
    const devices = [{ device: kitchen.device, name: 'Kitchen', lastSeen: kitchen.lastSeen }]
    const client = fakeClient({
      approve: () => Promise.reject(new ClientError('account-full', 'Your account has all its devices.', { devices })),
    })
    expect((await runOn(client, ['approve', 'x', '--yes'])).err).toMatchInlineSnapshot(`
      "Your account has all its devices. It has: Kitchen.
        Kitchen, last seen 10 min ago: quintet unlink d_1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d
      "
    `)
  })

  test('what others write cannot steer the terminal', async () => {
    const evil = { ...hello, text: '\u001b[2Jgone\u0007\nnext\u202eline', from: 'bob\u001b]0;x' }
    const { out } = await runOn(
      fakeClient({ messages: () => [evil], chats: () => [{ ...bobChat, title: 'a\u001b[31m\nb', last: evil }] }),
      ['messages', 'bob'],
    )
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
    expect(out).toContain('next')
  })

  test('colours only where they are wanted', async () => {
    const coloured = await runOn(fakeClient(), ['chats'], fakeTerminal([], { colour: true }))
    expect(coloured.out).toContain('\u001b[')
    expect((await runOn(fakeClient(), ['chats', '--json'], fakeTerminal([], { colour: true }))).out).not.toContain(
      '\u001b[',
    )
  })

  test('the kit is never asked for twice in one line of output', async () => {
    expect((await runOn(fakeClient(), ['recovery', 'new'])).out).not.toContain(kit)
  })
})
