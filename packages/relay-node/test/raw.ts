import { connect, type Socket } from 'node:net'

/** A bare connection to the relay, for whatever no client would send. */
export class Raw {
  readonly socket: Socket
  readonly closed: Promise<void>
  private bytes = Buffer.alloc(0)
  private watchers: (() => void)[] = []

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (data: Buffer) => {
      this.bytes = Buffer.concat([this.bytes, data])
      for (const watcher of this.watchers) watcher()
    })
    socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
  }

  static open(url: string, localAddress = '127.0.0.1'): Promise<Raw> {
    const { port } = new URL(url)
    return new Promise((resolve, reject) => {
      const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress })
      const raw = new Raw(socket)
      socket.once('connect', () => resolve(raw))
      socket.once('error', reject)
    })
  }

  /** A WebSocket as the relay sees it, greeted. */
  static async upgraded(url: string, headers = ''): Promise<Raw> {
    const raw = await Raw.open(url)
    raw.send(`${upgrade}${headers}\r\n`)
    await raw.until((text) => text.includes('\r\n\r\n'))
    return raw
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(bytes)
  }

  get text(): string {
    return this.bytes.toString('latin1')
  }

  /** Resolves with what has come when that holds of it, or the connection has ended. */
  async until(holds: (text: string) => boolean): Promise<string> {
    if (!holds(this.text)) {
      const there = new Promise<void>((resolve) => this.watchers.push(() => void (holds(this.text) && resolve())))
      await Promise.race([there, this.closed])
    }
    return this.text
  }

  /** Everything, once the relay has ended the connection. */
  async end(): Promise<string> {
    await this.closed
    return this.text
  }
}

export const upgrade =
  'GET /v1/socket HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'

/** A frame of a WebSocket, masked with nothing; `first` is its first byte: 0x82 = whole and binary. */
export function frame(first: number, payload: Uint8Array, declared = payload.length): Buffer {
  const head = Buffer.alloc(14)
  head[0] = first
  head[1] = 0x80 | 127
  head.writeBigUInt64BE(BigInt(declared), 2)
  return Buffer.concat([head, payload])
}

/** The code of the close frame that the text ends in. */
export function closeCode(text: string): number {
  const at = text.lastIndexOf('\x88')
  return at < 0 ? 0 : Buffer.from(text, 'latin1').readUInt16BE(at + 2)
}
