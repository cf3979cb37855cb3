import type { ChatView, DeviceView, MessageView } from '@quintet/client-node'
import { parseAccountId, parseChatId, parseDeviceId, parseHandle, parseMessageId } from '@quintet/domain'

/** Ids that one can tell apart at a glance: `id('c', 'ab')` is `c_abab…`. */
function must<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('the example is no such id')
  return value
}
const account = (digits: string) => must(parseAccountId(`a_${digits.repeat(64 / digits.length)}`))
const device = (digits: string) => must(parseDeviceId(`d_${digits.repeat(32 / digits.length)}`))
const chat = (digits: string) => must(parseChatId(`c_${digits.repeat(64 / digits.length)}`))
export const message = (digits: string) => must(parseMessageId(`m_${digits.repeat(64 / digits.length)}`))
const handle = (text: string) => must(parseHandle(text))

export const mara = { account: account('0a'), device: device('0d'), handle: handle('mara'), name: 'Mara Lind' }

export const phone: DeviceView = {
  device: mara.device,
  name: 'Phone',
  kind: 'phone',
  main: true,
  self: true,
  manage: true,
  probationUntil: undefined,
  lastSeen: undefined,
}
export const kitchen: DeviceView = {
  device: device('1d'),
  name: 'Kitchen',
  kind: 'display',
  main: false,
  self: false,
  manage: false,
  probationUntil: '2026-03-04T09:40:00.000Z',
  lastSeen: '2026-03-03T09:30:00.000Z',
}

export const hello: MessageView = {
  chat: chat('b0'),
  seq: 2,
  id: message('01'),
  at: '2026-03-03T09:12:00.000Z',
  from: 'bob',
  device: device('bd'),
  text: 'Good morning. Rehearsal at eight?',
  tick: undefined,
  edited: false,
  deleted: false,
  replyTo: undefined,
  reactions: { '🎻': ['mara'] },
  unknown: false,
}
export const answer: MessageView = {
  ...hello,
  seq: 3,
  id: message('02'),
  at: '2026-03-03T09:13:00.000Z',
  from: 'mara',
  device: mara.device,
  text: 'Yes,\nand bring the second violin part',
  tick: 'delivered',
  edited: true,
  replyTo: hello.id,
  reactions: {},
}

export const bobChat: ChatView = {
  chat: chat('b0'),
  kind: 'direct',
  title: 'Bob Arden',
  with: ['bob'],
  unread: 1,
  request: false,
  last: hello,
  held: undefined,
}
export const selfChat: ChatView = {
  ...bobChat,
  chat: chat('5e'),
  kind: 'self',
  title: '',
  with: [],
  unread: 0,
  last: undefined,
}
export const groupChat: ChatView = {
  ...bobChat,
  chat: chat('9f'),
  kind: 'group',
  title: 'Summer house',
  with: ['bob', 'carol'],
  unread: 0,
  last: answer,
}
