import { ClientError, type ClientErrorCode } from '@quintet/client-node'
import { describe, expect, test } from 'vitest'
import { fakeClient, fourWords, kit } from './fake-client.ts'
import { fakeTerminal, runOn } from './fake-terminal.ts'
import { answer, bobChat, groupChat, hello, kitchen, mara, message, phone } from './people.ts'

const ok = [{ ok: true }]
const sent = [{ chat: bobChat.chat, id: message('03'), seq: 4 }]
const own = { account: mara.account, device: mara.device }
const newcomer = { self: () => undefined }

describe('with --json, scripts get what docs/cli.md promises', () => {
  const cases: readonly (readonly [argv: readonly string[], lines: readonly unknown[], called: string | undefined])[] =
    [
      [['rename', 'Kitchen', 'Bath'], ok, `renameDevice("${kitchen.device}","Bath",{"waitMs":15000,"noQueue":false})`],
      [['make-main', 'd_1d1d1d'], ok, `makeMain("${kitchen.device}")`],
      [['rights', 'Kitchen', 'manage'], ok, `setRights("${kitchen.device}","manage")`],
      [['rights', kitchen.device, 'none'], ok, `setRights("${kitchen.device}","none")`],
      [['unlink', '1d1d1d'], ok, `unlink("${kitchen.device}",)`],
      [['unlink', 'Kitchen', '--key', `  ${kit.toUpperCase()} `], ok, `unlink("${kitchen.device}","${kit}")`],
      [['recovery', 'new', '--key', kit], [{ recovery: kit }], `newRecovery("${kit}")`],
      [['signout'], ok, 'signOut()'],
      [['delete-account', '--yes'], ok, 'deleteAccount()'],
      [['profile'], [{ account: mara.account, handle: 'mara', name: 'Mara Lind' }], 'profile()'],
      [
        ['profile', '--name', 'M'],
        [{ account: mara.account, handle: 'mara', name: 'Mara Lind' }],
        'profile({"name":"M"})',
      ],
      [
        ['group', 'create', 'Summer', 'bob', 'carol'],
        [{ chat: groupChat.chat }],
        'createGroup("Summer",["bob","carol"])',
      ],
      [['group', 'add', 'Summer house', 'dave'], ok, `addToGroup("${groupChat.chat}",["dave"])`],
      [['group', 'remove', groupChat.chat, 'bob'], ok, `removeFromGroup("${groupChat.chat}","bob")`],
      [['group', 'admin', 'c_9f9f9f', 'bob'], ok, `setAdmin("${groupChat.chat}","bob",true)`],
      [['group', 'admin', 'c_9f9f9f', 'bob', '--off'], ok, `setAdmin("${groupChat.chat}","bob",false)`],
      [['group', 'leave', 'c_9f9f9f'], ok, `leaveGroup("${groupChat.chat}")`],
      [['group', 'rename', 'c_9f9f9f', 'Winter'], ok, `renameGroup("${groupChat.chat}","Winter")`],
      [['send', 'bob', 'Hi'], sent, 'send("bob","Hi",{"waitMs":15000,"noQueue":false})'],
      [['send', 'bob', 'Hi', '--wait', '0.5', '--no-queue'], sent, 'send("bob","Hi",{"waitMs":500,"noQueue":true})'],
      [['reply', 'bob', 'm_0101', 'Yes'], sent, `reply("bob","${hello.id}","Yes",{"waitMs":15000,"noQueue":false})`],
      [['edit', 'bob', answer.id, 'No'], ok, `edit("bob","${answer.id}","No",{"waitMs":15000,"noQueue":false})`],
      [['delete', 'bob', '0202'], ok, `deleteMessage("bob","${answer.id}",{"waitMs":15000,"noQueue":false})`],
      [['react', 'bob', hello.id, '🎻'], ok, `react("bob","${hello.id}","🎻",false,{"waitMs":15000,"noQueue":false})`],
      [
        ['react', 'bob', hello.id, '🎻', '--off'],
        ok,
        `react("bob","${hello.id}","🎻",true,{"waitMs":15000,"noQueue":false})`,
      ],
      [['read', 'bob'], ok, 'markRead("bob",{"waitMs":15000,"noQueue":false})'],
      [['accept', 'bob'], ok, 'accept("bob",{"waitMs":15000,"noQueue":false})'],
      [['block', 'bob'], ok, 'block("bob",false,{"waitMs":15000,"noQueue":false})'],
      [['block', 'bob', '--off'], ok, 'block("bob",true,{"waitMs":15000,"noQueue":false})'],
      [['typing', 'bob'], ok, 'typing("bob")'],
      [['verify', 'bob'], [{ words: kit }], 'verify("bob")'],
      [['sync'], [{ received: 3, gaps: 0 }], 'sync()'],
      [['messages', 'carol'], ok, 'sync()'],
      [
        ['status'],
        [{ ...own, relay: 'http://127.0.0.1:4747', connected: true, outbox: 0, gaps: 0, chatsPending: 0 }],
        'online(2000)',
      ],
      [
        ['approve', '7K3M-9QXT', '--yes', '--manage'],
        [{ device: kitchen.device, kind: 'display', words: fourWords.join(' ') }],
        'approve("7K3M-9QXT",{"manage":true})',
      ],
    ]
  test.each(cases)('quintet %j', async (argv, lines, called) => {
    const client = fakeClient()
    const ran = await runOn(client, [...argv, '--json'])
    expect(ran).toMatchObject({ code: 0, err: '', lines })
    expect(client.calls).toContain(called)
  })

  test('signing up gives account, device and recovery', async () => {
    const client = fakeClient(newcomer)
    const ran = await runOn(client, ['signup', '--handle', 'mara', '--device-name', 'Phone', '--json'])
    expect(ran).toMatchObject({ code: 0, lines: [{ ...own, recovery: kit }] })
    expect(client.calls).toContain('signUp({"deviceName":"Phone","kind":"phone","handle":"mara"})')
  })

  test('linking gives the offer, then the words, then who one is', async () => {
    const client = fakeClient(newcomer)
    const ran = await runOn(client, ['link', '--kind', 'web', '--name', 'Browser', '--yes', '--json'])
    expect(ran.code).toBe(0)
    expect(ran.lines).toEqual([{ offer: 'quintet:offer?o=1', code: '7K3M-9QXT' }, { words: fourWords.join(' ') }, own])
    expect(client.calls).toContain('confirmed true')
  })

  test('recovering gives account and device, the key as it was typed', async () => {
    const client = fakeClient(newcomer)
    const argv = ['recover', '--handle', 'mara', '--key', ` ${kit.replaceAll(' ', '\n ')}`, '--name', 'New', '--json']
    expect(await runOn(client, argv)).toMatchObject({ code: 0, lines: [own] })
    expect(client.calls).toContain(`recover({"handle":"mara","key":"${kit}","name":"New"})`)
  })

  test('devices are a line each, what does not apply left out', async () => {
    const { lines } = await runOn(fakeClient(), ['devices', '--json'])
    expect(lines).toEqual([
      { device: phone.device, name: 'Phone', kind: 'phone', main: true, self: true, manage: true },
      {
        device: kitchen.device,
        name: 'Kitchen',
        kind: 'display',
        main: false,
        self: false,
        manage: false,
        probationUntil: kitchen.probationUntil,
        lastSeen: kitchen.lastSeen,
      },
    ])
  })

  const helloJson = {
    chat: bobChat.chat,
    seq: 2,
    id: hello.id,
    at: hello.at,
    from: 'bob',
    device: hello.device,
    text: hello.text,
    tick: null,
    edited: false,
    deleted: false,
    replyTo: null,
    reactions: { '🎻': ['mara'] },
  }
  const answerJson = {
    ...helloJson,
    seq: 3,
    id: answer.id,
    at: answer.at,
    from: 'mara',
    device: mara.device,
    text: answer.text,
    tick: 'delivered',
    edited: true,
    replyTo: hello.id,
    reactions: {},
  }

  test('messages are a line each, oldest first, null where nothing is', async () => {
    expect((await runOn(fakeClient(), ['messages', 'bob', '--json'])).lines).toEqual([helloJson, answerJson])
    expect((await runOn(fakeClient(), ['messages', 'bob', '--limit', '1', '--json'])).lines).toEqual([answerJson])
  })

  test('a deleted message has no text, a pending one no number', async () => {
    const pending = { ...answer, seq: undefined, tick: 'pending' as const, deleted: true }
    const { lines } = await runOn(fakeClient({ messages: () => [pending] }), ['messages', 'bob', '--json'])
    expect(lines).toEqual([{ ...answerJson, seq: null, tick: 'pending', deleted: true, text: null }])
  })

  test('chats are a line each, with the last message or null', async () => {
    const { lines } = await runOn(fakeClient(), ['chats', '--json'])
    expect(lines).toHaveLength(3)
    expect(lines[0]).toEqual({
      chat: bobChat.chat,
      kind: 'direct',
      title: 'Bob Arden',
      with: ['bob'],
      unread: 1,
      request: false,
      last: helloJson,
    })
    expect(lines[2]).toMatchObject({ kind: 'self', last: null })
  })

  test('listening prints an event a line, until it is stopped', async () => {
    const client = fakeClient()
    const terminal = fakeTerminal()
    const online = client.sync
    client.sync = async () => {
      const result = await online()
      queueMicrotask(() => {
        client.tell({ event: 'message', message: hello })
        client.tell({ event: 'state', connected: true })
        client.tell({ event: 'tick', chat: answer.chat, id: answer.id, tick: 'read' })
        client.tell({ event: 'typing', chat: answer.chat, from: 'bob', on: true })
        client.tell({ event: 'device', change: 'added', device: kitchen.device, by: undefined })
        client.tell({ event: 'state', connected: false })
        terminal.stop()
      })
      return result
    }
    const ran = await runOn(client, ['listen', '--json'], terminal)
    expect(ran.code).toBe(0)
    expect(ran.lines).toEqual([
      { event: 'message', ...helloJson },
      { event: 'state', connected: true },
      { event: 'tick', chat: answer.chat, id: answer.id, tick: 'read' },
      { event: 'typing', chat: answer.chat, from: 'bob', on: true },
      { event: 'device', change: 'added', device: kitchen.device, by: null },
      { event: 'state', connected: false },
    ])
  })

  test('listening goes on without a relay, and ends when the device is unlinked', async () => {
    const client = fakeClient({
      online: () => {
        setImmediate(() => client.tell({ event: 'state', connected: false, code: 'unlinked', sentence: 'Out.' }))
        return Promise.reject(new ClientError('offline', 'No relay.'))
      },
    })
    const ran = await runOn(client, ['listen', '--json'])
    expect(ran.code).toBe(1)
    expect(ran.lines[0]).toEqual({ event: 'state', connected: false })
    expect(JSON.parse(ran.err)).toEqual({ error: 'unlinked', message: 'Out.' })
  })
})

describe('what fails is one JSON line on stderr, nothing on stdout', () => {
  const failing = (code: ClientErrorCode, details = {}) =>
    fakeClient({ send: () => Promise.reject(new ClientError(code, 'A sentence.', details)) })

  test.each([
    ['offline', { queued: true }, { queued: true }],
    ['rate-limited', { retryAfterS: 7 }, { retryAfterS: 7 }],
    ['unknown-handle', {}, {}],
  ] as const)('%s', async (code, details, told) => {
    const ran = await runOn(failing(code, details), ['send', 'bob', 'Hi', '--json'])
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(JSON.parse(ran.err)).toEqual({ error: code, message: 'A sentence.', ...told })
  })

  test('a full account names the devices that could make room, in the message too', async () => {
    const devices = [{ device: kitchen.device, name: 'Kitchen', lastSeen: undefined }]
    const client = fakeClient({ approve: () => Promise.reject(new ClientError('account-full', 'Full.', { devices })) })
    const ran = await runOn(client, ['approve', 'x', '--yes', '--json'])
    expect(JSON.parse(ran.err)).toEqual({
      error: 'account-full',
      message: 'Full. It has: Kitchen.',
      devices: [{ device: kitchen.device, name: 'Kitchen', lastSeen: null }],
    })
  })

  test('a profile without an account says how to get one', async () => {
    const ran = await runOn(fakeClient(newcomer), ['chats', '--json'])
    expect(ran.code).toBe(1)
    expect(JSON.parse(ran.err)).toMatchObject({
      error: 'profile-empty',
      message: expect.stringContaining('quintet link'),
    })
  })

  test('a failure that nobody expected shows no stack, unless it is asked for', async () => {
    const client = fakeClient({ chats: () => assertFails() })
    const plain = await runOn(client, ['chats'])
    expect(plain).toMatchObject({ code: 1, out: '' })
    expect(plain.err).not.toContain('assertFails')
    expect(plain.err.trim().split('\n')).toHaveLength(1)
    expect((await runOn(client, ['chats', '--debug'])).err).toContain('assertFails')
    expect(JSON.parse((await runOn(client, ['chats', '--json'])).err)).toMatchObject({ error: 'internal' })
  })

  test.each([[['link', '--kind', 'web', '--name', 'x']], [['approve', '7K3M-9QXT']], [['delete-account']]])(
    '%j would ask something, so it needs --yes',
    async (argv) => {
      const client = fakeClient(argv[0] === 'link' ? newcomer : {})
      const ran = await runOn(client, [...argv, '--json'])
      expect(ran).toMatchObject({ code: 2, out: '' })
      expect(JSON.parse(ran.err)).toMatchObject({ error: 'usage', message: expect.stringContaining('--yes') })
      expect(client.calls).toEqual([])
    },
  )
})

function assertFails(): never {
  throw new TypeError('an invariant was broken')
}

test('Ctrl-C ends a command at once, with 130 and no further word', async () => {
  const terminal = fakeTerminal()
  const client = fakeClient({
    sync: () => {
      terminal.stop()
      return Promise.resolve({ received: 0, gaps: 0 })
    },
  })
  expect(await runOn(client, ['chats', '--json'], terminal)).toMatchObject({ code: 130, out: '', err: '' })
})

describe('names and ids', () => {
  test.each([
    [['unlink', 'Nowhere'], 'unknown-device'],
    [['unlink', 'd_ffff'], 'unknown-device'],
    [['edit', 'bob', 'm_ffff', 'x'], 'unknown-message'],
    [['group', 'leave', 'Nowhere'], 'unknown-chat'],
  ])('%j is told as %s, nothing changed', async (argv, code) => {
    const client = fakeClient()
    const ran = await runOn(client, [...argv, '--json'])
    expect(JSON.parse(ran.err)).toMatchObject({ error: code })
    expect(client.calls.filter((call) => !/^(online|sync|devices)/.test(call))).toEqual([])
  })

  test('two devices of one name are told apart by id only', async () => {
    const twin = { ...kitchen, device: phone.device, name: 'Kitchen' }
    const client = fakeClient({ devices: () => Promise.resolve([kitchen, twin]) })
    expect(JSON.parse((await runOn(client, ['unlink', 'Kitchen', '--json'])).err)).toMatchObject({
      error: 'unknown-device',
    })
    expect((await runOn(client, ['unlink', kitchen.device, '--json'])).code).toBe(0)
  })

  test('a reply to a message that has not come yet fetches first, then answers', async () => {
    let fetched = false
    const client = fakeClient({
      messages: () => (fetched ? [hello] : []),
      sync: () => {
        fetched = true
        return Promise.resolve({ received: 1, gaps: 0 })
      },
    })
    expect(await runOn(client, ['reply', 'bob', 'm_0101', 'Yes', '--json'])).toMatchObject({ code: 0, lines: sent })
  })

  test('a group is written to by its title as well, and a person is meant by the chat with them', async () => {
    const client = fakeClient()
    await runOn(client, ['send', 'Summer house', 'Hi', '--json'])
    expect(client.calls).toEqual([`send("${groupChat.chat}","Hi",{"waitMs":15000,"noQueue":false})`])
    expect(await runOn(client, ['verify', bobChat.chat, '--json'])).toMatchObject({ code: 0, lines: [{ words: kit }] })
    expect(client.calls.at(-1)).toBe('verify("bob")')
    await runOn(client, ['block', bobChat.chat.slice(0, 10), '--json'])
    expect(client.calls.at(-1)).toBe('block("bob",false,{"waitMs":15000,"noQueue":false})')
  })

  test.each([
    [['verify', 'self'], 'not-allowed', 1],
    [['block', groupChat.chat], 'not-allowed', 1],
    [['verify', message('00').replace('m_', 'c_')], 'unknown-chat', 1],
    [['rename', 'Kitchen', '  '], 'usage', 2],
    [['rename', 'Kitchen', 'two\nlines'], 'usage', 2],
    [['group', 'create', '', 'bob'], 'usage', 2],
    [['group', 'rename', 'Summer house', 'x'.repeat(101)], 'usage', 2],
    [['signup', '--handle', 'mara', '--device-name', ''], 'usage', 2],
  ])('%j is refused with %s, nothing changed', async (argv, error, code) => {
    const client = fakeClient()
    const ran = await runOn(client, [...argv, '--json'])
    expect(ran).toMatchObject({ code, out: '' })
    expect(JSON.parse(ran.err)).toMatchObject({ error })
    expect(client.calls.filter((call) => !/^(online|sync)/.test(call))).toEqual([])
  })

  test('a group is written to by the id that the list shows', async () => {
    const client = fakeClient()
    await runOn(client, ['send', 'c_9f9f9f9f', 'Hi', '--json'])
    expect(client.calls).toEqual([`send("${groupChat.chat}","Hi",{"waitMs":15000,"noQueue":false})`])
  })
})
