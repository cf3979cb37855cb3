import { maxFrameBytes, type Transport } from '@quintet/client'
import { WebSocket } from 'ws'

/** How long a connection may take to open, ms: a half-open network must not hold the next attempt back. */
const openWithinMs = 10_000
/** How long the peer has for its half of the closing handshake, ms. */
const closeWithinMs = 1_000

/** WebSockets of binary frames, without compression: what goes over them is sealed or short. */
export function nodeTransport(): Transport {
  return {
    open(url, on) {
      let ended = false
      const end = () => {
        if (ended) return
        ended = true
        on.closed()
      }
      let socket: WebSocket
      try {
        socket = new WebSocket(url, {
          perMessageDeflate: false,
          maxPayload: maxFrameBytes,
          handshakeTimeout: openWithinMs,
          followRedirects: false,
        })
      } catch {
        // Not an address at all: told like any other that nobody answers at.
        queueMicrotask(end)
        return { send: () => undefined, close: end }
      }
      socket.on('open', () => {
        if (!ended) on.opened()
      })
      socket.on('message', (data, isBinary) => {
        if (ended) return
        // The relay sends binary frames only; `nodebuffer` is what `ws` gives unless told otherwise.
        if (!isBinary || !Buffer.isBuffer(data)) return socket.terminate()
        on.frame(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
      })
      // What follows an error is `close`; without a listener it would end the process.
      socket.on('error', () => undefined)
      socket.on('close', end)
      return {
        send(bytes) {
          if (socket.readyState === WebSocket.OPEN) socket.send(bytes, { binary: true })
        },
        close() {
          if (socket.readyState === WebSocket.CONNECTING) socket.terminate()
          else {
            socket.close()
            setTimeout(() => socket.terminate(), closeWithinMs).unref()
          }
          queueMicrotask(end)
        },
      }
    },
  }
}
