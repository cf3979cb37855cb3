import { once } from 'node:events'
import { create, FrameSchema, toBinary } from '@quintet/wire'
import { WebSocketServer } from 'ws'

/** What a relay greets with that speaks only these versions. */
export function greetingOf(protocolMin: number, protocolMax: number): Uint8Array {
  const value = { protocolMin, protocolMax, incarnation: new Uint8Array(16), challenge: new Uint8Array(32) }
  return toBinary(FrameSchema, create(FrameSchema, { kind: { case: 'greeting', value } }))
}

/** Listens on that port, and says this to everybody who comes. */
export async function startOtherRelay(first: Uint8Array, port: number): Promise<AsyncDisposable> {
  const server = new WebSocketServer({ host: '127.0.0.1', port })
  server.on('connection', (socket) => socket.send(first))
  await once(server, 'listening')
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of server.clients) socket.terminate()
      await new Promise<void>((closed) => server.close(() => closed()))
    },
  }
}
