import { maxFrameBytes, type Transport } from '@quintet/client'

/** How long a connection may take to open, ms: a half-open network must not hold the next attempt back. */
const openWithinMs = 10_000

/** WebSockets of binary frames. `ready` is waited for before a connection is made; where it fails, none is. */
export function webTransport(ready: () => Promise<unknown> = () => Promise.resolve()): Transport {
  return {
    open(url, on) {
      let socket: WebSocket | undefined
      let isOver = false
      const end = () => {
        if (isOver) return
        isOver = true
        socket?.close()
        on.closed()
      }
      const connect = () => {
        if (isOver) return
        try {
          socket = new WebSocket(url)
        } catch {
          // Not an address at all: told like any other that nobody answers at.
          return end()
        }
        socket.binaryType = 'arraybuffer'
        const tooLate = setTimeout(end, openWithinMs)
        socket.onopen = () => {
          clearTimeout(tooLate)
          if (!isOver) on.opened()
        }
        socket.onmessage = ({ data }: MessageEvent<unknown>) => {
          if (isOver) return
          // The relay sends binary frames only, and none beyond the limit.
          if (data instanceof ArrayBuffer && data.byteLength <= maxFrameBytes) on.frame(new Uint8Array(data))
          else end()
        }
        socket.onclose = () => {
          clearTimeout(tooLate)
          end()
        }
      }
      void ready().then(connect, end)
      return {
        send(bytes) {
          if (!isOver && socket?.readyState === WebSocket.OPEN) socket.send(bytes.slice())
        },
        close: () => queueMicrotask(end),
      }
    },
  }
}
