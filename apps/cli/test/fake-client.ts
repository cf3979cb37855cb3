import type { Client, ClientEvent } from '@quintet/client-node'
import { bobChat, groupChat, hello, answer, kitchen, mara, message, phone, selfChat } from './people.ts'

export const kit = 'legal winner thank year wave sausage worth useful legal winner thank yellow'
export const fourWords = ['amber', 'basil', 'cello', 'dune']

export interface FakeClient extends Client {
  /** What was asked of it, in order, with its arguments as JSON. */
  readonly calls: readonly string[]
  tell(event: ClientEvent): void
}

/** A client that answers from examples and remembers what it was asked. */
export function fakeClient(overrides: Partial<Client> = {}): FakeClient {
  const calls: string[] = []
  const listeners = new Set<(event: ClientEvent) => void>()
  const done =
    (name: string) =>
    (...args: readonly unknown[]) => {
      calls.push(`${name}(${args.map((arg) => JSON.stringify(arg)).join(',')})`)
      return Promise.resolve()
    }
  const gives =
    <T>(name: string, value: T) =>
    async (...args: readonly unknown[]): Promise<T> => {
      await done(name)(...args)
      return value
    }
  const identity = { account: mara.account, device: mara.device }
  return {
    calls,
    tell(event) {
      for (const listener of listeners) listener(event)
    },
    self: () => mara,
    status: () => ({
      ...identity,
      relay: 'http://127.0.0.1:4747',
      connected: true,
      outbox: 0,
      gaps: 0,
      chatsPending: 0,
    }),
    online: done('online'),
    on(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: done('close'),
    signUp: gives('signUp', { ...identity, recovery: kit }),
    async link(input, ask) {
      await done('link')(input)
      ask.offer({ offer: 'quintet:offer?o=1', code: '7K3M-9QXT', expiresAt: '2026-03-03T09:42:00.000Z' })
      calls.push(`confirmed ${await ask.confirm(fourWords, 'mara')}`)
      return identity
    },
    async approve(offer, options, ask) {
      await done('approve')(offer, options)
      const choices = [['a', 'b', 'c', 'd'], fourWords, ['e', 'f', 'g', 'h'], ['i', 'j', 'k', 'l']]
      const request = {
        kind: 'display',
        platform: 'Linux',
        name: 'Kitchen',
        network: 'same network',
        choices,
        right: 1,
      } as const
      calls.push(`picked ${await ask.pick(request)}`)
      return { device: kitchen.device, kind: 'display', words: fourWords }
    },
    recover: gives('recover', identity),
    newRecovery: gives('newRecovery', { recovery: kit }),
    devices: gives('devices', [phone, kitchen]),
    renameDevice: done('renameDevice'),
    makeMain: done('makeMain'),
    setRights: done('setRights'),
    unlink: done('unlink'),
    signOut: done('signOut'),
    deleteAccount: done('deleteAccount'),
    profile: gives('profile', { account: mara.account, handle: mara.handle, name: mara.name }),
    createGroup: gives('createGroup', { chat: groupChat.chat }),
    addToGroup: done('addToGroup'),
    removeFromGroup: done('removeFromGroup'),
    setAdmin: done('setAdmin'),
    leaveGroup: done('leaveGroup'),
    renameGroup: done('renameGroup'),
    chats: () => [bobChat, groupChat, selfChat],
    messages: (chat, limit) => (chat === bobChat.chat ? [hello, answer].slice(-limit) : []),
    find: (to) => Promise.resolve(to === 'bob' ? bobChat.chat : to === 'self' ? selfChat.chat : undefined),
    send: gives('send', { chat: bobChat.chat, id: message('03'), seq: 4 }),
    reply: gives('reply', { chat: bobChat.chat, id: message('03'), seq: 4 }),
    edit: done('edit'),
    deleteMessage: done('deleteMessage'),
    react: done('react'),
    markRead: done('markRead'),
    accept: done('accept'),
    notices: () => [],
    block: done('block'),
    typing: done('typing'),
    verify: gives('verify', { words: kit.split(' ') }),
    sync: gives('sync', { received: 3, gaps: 0 }),
    ...overrides,
  }
}
