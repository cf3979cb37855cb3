import { connect, type Socket } from 'node:net'

/** All four bytes of the mask are this one: the server unmasks as for anybody, and a template can be masked once. */
export const maskByte = 0x55

/** A binary frame as a client sends it, masked; `payload` begins at byte 8 of what is returned. */
export function clientFrame(payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(8 + payload.length)
  frame[0] = 0x82
  frame[1] = 0x80 | 126
  frame.writeUInt16BE(payload.length, 2)
  frame.fill(maskByte, 4, 8)
  payload.forEach((byte, at) => {
    frame[8 + at] = byte ^ maskByte
  })
  return frame
}

type OnFrame = (bytes: Buffer, start: number, end: number) => void

/**
 * The client's end of a WebSocket, cut down to what load needs: whole binary frames, no fragments. A client as
 * complete as `ws` would take more of the machine than the server that is measured.
 */
export class Line {
  onFrame: OnFrame = () => {}
  onEnd: (why: string) => void = () => {}
  private readonly socket: Socket
  private rest: Buffer | undefined
  private open = false

  private constructor(socket: Socket) {
    this.socket = socket
  }

  static connect(url: string, onFrame: OnFrame): Promise<Line> {
    const { hostname, port, pathname } = new URL(url)
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname)
      const line = new Line(socket)
      line.onFrame = onFrame
      socket.setNoDelay(true)
      socket.on('connect', () =>
        socket.write(
          `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
            'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
        ),
      )
      socket.on('data', (data: Buffer) => {
        if (line.open) return line.hear(data)
        const end = data.indexOf('\r\n\r\n')
        if (!data.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101')) || end < 0) {
          return reject(new Error('the server takes no WebSocket'))
        }
        line.open = true
        resolve(line)
        if (data.length > end + 4) line.hear(data.subarray(end + 4))
      })
      socket.on('error', (error) => {
        reject(error)
        line.onEnd(error.message)
      })
      socket.on('close', () => line.onEnd('closed'))
    })
  }

  send(frame: Uint8Array): void {
    this.socket.write(frame)
  }

  close(): void {
    this.onEnd = () => {}
    this.socket.destroy()
  }

  private hear(data: Buffer): void {
    const bytes = this.rest ? Buffer.concat([this.rest, data]) : data
    let at = 0
    while (at + 2 <= bytes.length) {
      let length = bytes[at + 1] ?? 0
      let start = at + 2
      if (length === 126) {
        if (start + 2 > bytes.length) break
        length = bytes.readUInt16BE(start)
        start += 2
      } else if (length === 127) {
        if (start + 8 > bytes.length) break
        length = Number(bytes.readBigUInt64BE(start))
        start += 8
      }
      if (start + length > bytes.length) break
      if (bytes[at] === 0x82) this.onFrame(bytes, start, start + length)
      else if (bytes[at] === 0x89) this.send(pong)
      at = start + length
    }
    this.rest = at < bytes.length ? bytes.subarray(at) : undefined
  }
}

const pong = Uint8Array.of(0x8a, 0x80, 0, 0, 0, 0)
