import type { WebSocket } from 'ws'

/** Of one connection, before the others have their turn. */
const framesATurn = 32
const bytesATurn = 256 * 1024

let turn = 0
let counting = false

/** The turn of the event loop, as far as anybody has asked in it. */
function currentTurn(): number {
  if (!counting) {
    counting = true
    setImmediate(() => {
      counting = false
      turn++
    })
  }
  return turn
}

/**
 * Hands on what a WebSocket brings, in order, so much in one turn of the event loop: however much one sends at once,
 * the others' frames come in between. What is held is not read from the network either.
 */
export class Inlet {
  private readonly ws: WebSocket
  private readonly take: (frame: Buffer) => void
  /** Read by `ws` already, from one piece of what the network brought. */
  private waiting: Buffer[] = []
  private lastTurn = -1
  private frames = 0
  private bytes = 0
  private held = false
  private isDue = false

  constructor(ws: WebSocket, take: (frame: Buffer) => void) {
    this.ws = ws
    this.take = take
  }

  bring(frame: Buffer): void {
    if (this.waiting.length === 0 && !this.held && this.hasTurn()) {
      this.pass(frame)
      return
    }
    this.waiting.push(frame)
    this.later()
  }

  /** Nothing is handed on until it is let go. */
  hold(on: boolean): void {
    this.held = on
    if (on) this.ws.pause()
    else if (this.waiting.length > 0) this.later()
    else this.ws.resume()
  }

  private hasTurn(): boolean {
    const now = currentTurn()
    if (now !== this.lastTurn) [this.lastTurn, this.frames, this.bytes] = [now, 0, 0]
    return this.frames < framesATurn && this.bytes < bytesATurn
  }

  private pass(frame: Buffer): void {
    this.frames++
    this.bytes += frame.length
    this.take(frame)
  }

  private later(): void {
    this.ws.pause()
    if (this.isDue || this.held) return
    this.isDue = true
    setImmediate(() => {
      this.isDue = false
      this.goOn()
    })
  }

  private goOn(): void {
    let at = 0
    for (; at < this.waiting.length && !this.held && this.hasTurn(); at++) {
      const frame = this.waiting[at]
      if (frame !== undefined) this.pass(frame)
    }
    this.waiting = this.waiting.slice(at)
    if (this.held) return
    if (this.waiting.length > 0) this.later()
    else this.ws.resume()
  }
}
