import { connect, type Socket } from 'node:net'
import { randomFillSync } from 'node:crypto'
import { bytesOf, type ChatId, hexOf } from '@quintet/domain'
import { chatIdOf, expectAnswer, policyFor, TestAccount, TestDevice } from '@quintet/relay/testing'
import { create, FrameSchema, type MessageInitShape, type RequestSchema, toBinary } from '@quintet/wire'
import { WebSocket } from 'ws'

export type Call = NonNullable<MessageInitShape<typeof RequestSchema>['call']>

export const random = (length: number): Uint8Array => randomFillSync(new Uint8Array(length))

export function requestBytes(id: number, call: Call): Uint8Array {
  return toBinary(FrameSchema, create(FrameSchema, { kind: { case: 'request', value: { id, call } } }))
}

/** A WebSocket frame masked with nothing. */
export function webSocketFrame(first: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(14)
  head[0] = first
  head[1] = 0x80 | 127
  head.writeBigUInt64BE(BigInt(payload.length), 2)
  return Buffer.concat([head, payload])
}

const upgrade =
  'GET /v1/socket HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'

/** Where an attack comes from, and at whom it goes. */
export class Attacker {
  private readonly url: URL
  private readonly localAddress: string

  constructor(url: string, localAddress: string) {
    this.url = new URL(url)
    this.localAddress = localAddress
  }

  /** A bare connection; undefined = refused. */
  raw(): Promise<Socket | undefined> {
    return new Promise((resolve) => {
      const socket = connect({ port: Number(this.url.port), host: '127.0.0.1', localAddress: this.localAddress })
      socket.once('connect', () => resolve(socket))
      socket.once('error', () => resolve(undefined))
    })
  }

  /** A WebSocket as bare as that. */
  async upgraded(): Promise<Socket | undefined> {
    const socket = await this.raw()
    if (socket === undefined) return undefined
    socket.write(upgrade)
    await Promise.race([
      new Promise((resolve) => socket.once('data', resolve)),
      new Promise((resolve) => socket.once('close', resolve)),
    ])
    return socket
  }

  /** Somebody's device with a connection, not signed in. */
  async visitor(known?: TestAccount, onSocket: (ws: WebSocket) => void = () => undefined): Promise<TestDevice> {
    const account = known ?? (await TestAccount.create(random, Date.now()))
    return TestDevice.open(account, account.first, async (onFrame, onClose) => {
      const address = `ws://${this.url.host}/v1/socket`
      const ws = new WebSocket(address, { perMessageDeflate: false, localAddress: this.localAddress })
      ws.on('message', (data: Buffer) => onFrame(data))
      ws.on('close', onClose)
      ws.on('error', () => undefined)
      await Promise.race([
        new Promise((resolve) => ws.once('open', resolve)),
        new Promise((_, reject) => ws.once('close', () => reject(new Error('refused')))),
      ])
      onSocket(ws)
      return { send: (bytes) => ws.send(bytes), close: () => ws.close() }
    })
  }

  /** Somebody who has signed up, under a handle that begins so. */
  async person(handle: string): Promise<TestDevice> {
    const device = await this.visitor()
    expectAnswer(await device.signUp(`${handle}-${hexOf(random(4))}`), 'signedUp')
    return device
  }

  /** The same again, when the relay lets it. */
  async again(device: TestDevice, onSocket?: (ws: WebSocket) => void): Promise<TestDevice> {
    const back = await this.visitor(device.account, onSocket)
    if ((await back.signIn()).case !== 'authenticated') throw new Error('refused')
    return back
  }
}

/** A group of that account alone, with so many messages of 10 KB. */
export async function fullChat(device: TestDevice, messages: number): Promise<ChatId> {
  const chat = chatIdOf(random(32))
  await device.createChat(chat, policyFor('group', device.account, [device.account]))
  const text = 'x'.repeat(10_000)
  for (let n = 1; n <= messages; n++) await device.say(chat, 1n, BigInt(n), text)
  return chat
}

export const fetchCall = (chat: ChatId): Call => ({ case: 'fetch', value: { chat: bytesOf(chat) } })
