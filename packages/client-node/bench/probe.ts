import type { LoadEngine, Transport } from '@quintet/client'
import { type ChatId, parseChatBytes } from '@quintet/domain'
import { FrameSchema, fromBinary } from '@quintet/wire'

/** A request that went out: which, how large with its WebSocket frame, when. */
export interface Request {
  readonly call: string
  readonly bytes: number
  readonly atMs: number
  readonly chat: ChatId | undefined
}

/** What one device's engine and socket did since `reset`. */
export class Probe {
  engineMs = 0
  stateBytes = 0
  requests: Request[] = []

  reset(): void {
    this.engineMs = 0
    this.stateBytes = 0
    this.requests = []
  }

  /** The same engine, timed. */
  watchEngine(load: LoadEngine): LoadEngine {
    return (rows) => {
      const engine = load(rows)
      const { takeChanges } = engine
      const counted = () => {
        const changes = takeChanges()
        for (const { key, value } of changes) this.stateBytes += key.length + (value?.length ?? 0)
        return changes
      }
      return new Proxy(
        { ...engine, takeChanges: counted },
        {
          get: (target, name): unknown => {
            const value: unknown = Reflect.get(target, name)
            if (typeof value !== 'function') return value
            return (...args: readonly unknown[]): unknown => {
              const from = performance.now()
              try {
                return Reflect.apply(value, target, args)
              } finally {
                this.engineMs += performance.now() - from
              }
            }
          },
        },
      )
    }
  }

  /** The same sockets, their requests noted. */
  watchTransport(transport: Transport): Transport {
    return {
      open: (url, on) => {
        const socket = transport.open(url, on)
        return {
          send: (bytes) => {
            const { kind } = fromBinary(FrameSchema, bytes)
            const call = kind.case === 'request' ? kind.value.call : undefined
            const about =
              call?.value !== undefined && 'chat' in call.value ? parseChatBytes(call.value.chat) : undefined
            const size = bytes.length + headerBytes(bytes.length)
            this.requests.push({ call: call?.case ?? '', bytes: size, atMs: performance.now(), chat: about })
            socket.send(bytes)
          },
          close: () => socket.close(),
        }
      },
    }
  }
}

/** A client's WebSocket frame: two bytes, the length where it does not fit there, four of mask (RFC 6455 5.2). */
function headerBytes(length: number): number {
  return 6 + (length < 126 ? 0 : length < 65_536 ? 2 : 8)
}
