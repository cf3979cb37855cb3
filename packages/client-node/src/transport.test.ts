import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { maxFrameBytes } from '@quintet/client'
import { type Peer, transportContract } from '@quintet/client/ports.contract'
import { expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { nodeTransport } from './transport.ts'

async function startPeer(): Promise<Peer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  const unused = createServer().listen(0, '127.0.0.1')
  await Promise.all([once(server, 'listening'), once(unused, 'listening')])
  const deadPort = (unused.address() as AddressInfo).port
  unused.close()
  const heard: Uint8Array[] = []
  const waiting: { count: number; done: () => void }[] = []
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      heard.push(new Uint8Array(data as Buffer))
      for (const one of waiting) if (heard.length >= one.count) one.done()
    })
  })
  const drop = () => {
    for (const socket of server.clients) socket.terminate()
  }
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    deadUrl: `ws://127.0.0.1:${deadPort}`,
    heard,
    hears: (count) => new Promise<void>((done) => (heard.length >= count ? done() : waiting.push({ count, done }))),
    send(bytes) {
      for (const socket of server.clients) socket.send(bytes)
    },
    drop,
    end: async () => {
      drop()
      server.close()
      await once(server, 'close')
    },
  }
}

transportContract('ws', nodeTransport(), startPeer)

function lifeOf(url: string): Promise<readonly string[]> {
  const events: string[] = []
  return new Promise((done) => {
    nodeTransport().open(url, {
      opened: () => events.push('opened'),
      frame: () => events.push('frame'),
      closed: () => {
        events.push('closed')
        done(events)
      },
    })
  })
}

test('an address that is none is told closed, as one where nobody answers', async () => {
  expect(await lifeOf('this is no address')).toEqual(['closed'])
})

test.each([
  ['text, which the relay never sends,', 'hello'],
  ['a frame beyond the limit', new Uint8Array(maxFrameBytes + 1)],
])('%s ends the connection and reaches nobody', async (_name, message) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  server.on('connection', (socket) => {
    socket.on('error', () => undefined)
    socket.send(message)
  })
  expect(await lifeOf(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)).toEqual(['opened', 'closed'])
  server.close()
})
