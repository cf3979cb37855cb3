import type { Device, World } from '@quintet/testkit'
import type { WriteMoment } from '@quintet/testkit'
import { siteOfCaller } from './sites.ts'

/** Where a device may die: around a transaction, before a frame has left, after it has arrived. */
export interface Point {
  readonly device: string
  readonly at: string
}

/** Counts every step of every device that writes or sends, and kills the device at one of them. */
export class KillCounter {
  readonly points: Point[] = []
  /** Where in the client's source the transactions were begun. */
  readonly sites = new Set<string>()
  killed: Point | undefined
  private counting = false
  private readonly target: number | undefined

  constructor(target: number | undefined) {
    this.target = target
  }

  /** Pass as `writes` to the world. */
  readonly writes = (device: Device, moment: WriteMoment): void => {
    if (this.counting && this.target === undefined) this.sites.add(siteOfCaller() ?? 'elsewhere')
    if (this.isPoint(device, `${moment} a transaction`)) device.kill()
  }

  /** Counts from now on, frames too. */
  start(world: World, devices: () => readonly Device[]): void {
    this.counting = true
    world.relay.tamper(({ device: name, direction, call }) => {
      const device = devices().find((one) => one.name === name && one.isRunning)
      if (device === undefined || direction !== 'to-relay' || call === undefined || call === 'ping') return undefined
      if (this.isPoint(device, `before ${call} leaves`)) {
        device.kill()
        return []
      }
      // What the relay does with it comes before the next microtask; the answer does not get through.
      if (this.isPoint(device, `after ${call} arrived`)) queueMicrotask(() => device.isRunning && device.kill())
      return undefined
    })
  }

  /** Nobody dies any more. */
  stop(): void {
    this.counting = false
  }

  private isPoint(device: Device, at: string): boolean {
    if (!this.counting) return false
    this.points.push({ device: device.name, at })
    if (this.points.length - 1 !== this.target || this.killed !== undefined) return false
    this.killed = { device: device.name, at }
    return true
  }
}
