import type { OwnerPolicy, Relay } from '@quintet/relay'
import type { Duplex } from 'node:stream'
import type { WebSocket, WebSocketServer } from 'ws'
import { longestTimerMs } from '../runtime.ts'
import { Inlet } from './inlet.ts'

/** Of its own protocol; a client of ours asks with none. */
const pingsPerMinute = 120

/** So many bytes may still be under way when the other side hears that it is over. */
const bytesAfterTheEnd = 64 * 1024
/** A sign-up and whatever it takes to be let in is far below. */
const strangersBytes = 256 * 1024
/** Until what was said to whoever does not stop has gone out, ms. */
const lastWordMs = 100

const answered = new WeakSet<WebSocket>()

/**
 * Joins a WebSocket and the relay: one binary message is one frame. `stream` is what the WebSocket runs over: frames
 * that one turn of the event loop makes for it go to the network together, which a group commit makes many of.
 */
export function attachSocket(relay: Relay, ws: WebSocket, stream: Duplex, address: string): void {
  ws.binaryType = 'nodebuffer'
  answered.add(ws)
  let gathering = false
  const letGo = (): void => {
    gathering = false
    stream.uncork()
  }
  let closing = false
  const inlet = new Inlet(ws, (frame) => connection.receive(frame))
  const connection = relay.accept({
    address,
    send(bytes) {
      if (!gathering) {
        gathering = true
        stream.cork()
        process.nextTick(letGo)
      }
      ws.send(bytes)
    },
    close() {
      closing = true
      ws.close(1000)
    },
    terminate: () => ws.terminate(),
    bufferedBytes: () => (ws.readyState === ws.CLOSED ? 0 : ws.bufferedAmount),
    hold: (on) => inlet.hold(on),
  })
  ws.on('message', (data: Buffer, binary: boolean) => {
    if (!binary) ws.close(1003)
    else if (!closing) inlet.bring(data)
  })
  let asStranger = 0
  let unheard = 0
  stream.on('data', (bytes: Buffer) => {
    if (!closing) {
      if (connection.isStranger !== true) return
      asStranger += bytes.length
      if (asStranger > strangersBytes) connection.overdid?.()
      return
    }
    if (unheard >= bytesAfterTheEnd) return
    unheard += bytes.length
    if (unheard < bytesAfterTheEnd) return
    // Reading costs as much as answering did.
    ws.pause()
    setTimeout(() => ws.terminate(), lastWordMs).unref()
  })
  ws.on('pong', () => answered.add(ws))
  // Each is answered by `ws` itself: to one that never takes the answers, which would fill the relay up, too.
  let pings = 0
  let sinceMs = 0
  ws.on('ping', () => {
    const now = performance.now()
    if (now - sinceMs > 60_000) [sinceMs, pings] = [now, 0]
    if (++pings <= pingsPerMinute) return
    connection.broke?.()
    ws.terminate()
  })
  ws.on('close', () => connection.closed())
  // What is wrong with the socket ends it; `close` follows.
  ws.on('error', () => {
    connection.broke?.()
    ws.terminate()
  })
}

/** Asks every socket for a sign of life and lets go of those that gave none since the last time. */
export function startHeartbeat(sockets: WebSocketServer, policy: () => OwnerPolicy): () => void {
  const timer = setInterval(
    () => {
      for (const ws of sockets.clients) {
        if (!answered.has(ws)) {
          ws.terminate()
          continue
        }
        answered.delete(ws)
        ws.ping()
      }
    },
    Math.min(policy().heartbeatMs, longestTimerMs),
  )
  timer.unref()
  return () => clearInterval(timer)
}
