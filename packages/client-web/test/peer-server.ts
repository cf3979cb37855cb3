import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { maxFrameBytes } from '@quintet/client'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'

const portOf = (server: { address(): AddressInfo | string | null }) => (server.address() as AddressInfo).port

/** Each socket to `/peer` gets a server of its own to steer: what it hears is told, binary is sent on, a word is done. */
export function servePeers(app: Server): void {
  const controls = new WebSocketServer({ server: app, path: '/peer' })
  controls.on('connection', (control) => void steer(control))
}

async function steer(control: WebSocket): Promise<void> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  const unused = createServer().listen(0, '127.0.0.1')
  await Promise.all([once(server, 'listening'), once(unused, 'listening')])
  const deadPort = portOf(unused)
  unused.close()
  const drop = () => {
    for (const socket of server.clients) socket.terminate()
  }
  server.on('connection', (socket) => socket.on('message', (data, binary) => control.send(data, { binary })))
  const send = (data: RawData | string | Uint8Array) => {
    for (const socket of server.clients) socket.send(data)
  }
  const words = new Map([
    ['drop', drop],
    ['text', () => send('hello')],
    ['too-long', () => send(new Uint8Array(maxFrameBytes + 1))],
  ])
  control.on('message', (data, binary) => (binary ? send(data) : words.get(String(data))?.()))
  control.on('close', () => {
    drop()
    server.close()
  })
  control.send(JSON.stringify({ url: `ws://127.0.0.1:${portOf(server)}`, deadUrl: `ws://127.0.0.1:${deadPort}` }))
}
