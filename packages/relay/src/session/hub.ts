import type { AccountId, DeviceId } from '@quintet/domain'
import type { FailureCode } from '@quintet/wire'

/** A connection of an authenticated device, as the rest of the relay sees it. */
export interface Listener {
  push(frame: Uint8Array): void
  /** Says why, then closes. */
  dismiss(code: FailureCode, message: string): void
}

/** Who is connected. One connection per device. */
export class Hub {
  private readonly byDevice = new Map<DeviceId, Listener>()
  private readonly byAccount = new Map<AccountId, Set<DeviceId>>()

  /** Returns the connection that the device had before, if any. */
  enter(account: AccountId, device: DeviceId, listener: Listener): Listener | undefined {
    const before = this.byDevice.get(device)
    this.byDevice.set(device, listener)
    const devices = this.byAccount.get(account)
    if (devices) devices.add(device)
    else this.byAccount.set(account, new Set([device]))
    return before
  }

  leave(account: AccountId, device: DeviceId, listener: Listener): void {
    if (this.byDevice.get(device) !== listener) return
    this.byDevice.delete(device)
    const devices = this.byAccount.get(account)
    devices?.delete(device)
    if (devices?.size === 0) this.byAccount.delete(account)
  }

  device(device: DeviceId): Listener | undefined {
    return this.byDevice.get(device)
  }

  devicesOf(account: AccountId): ReadonlySet<DeviceId> {
    return this.byAccount.get(account) ?? none
  }

  get connected(): Iterable<DeviceId> {
    return this.byDevice.keys()
  }

  tell(account: AccountId, frame: Uint8Array): void {
    for (const device of this.devicesOf(account)) this.byDevice.get(device)?.push(frame)
  }

  get size(): number {
    return this.byDevice.size
  }
}

const none: ReadonlySet<DeviceId> = new Set()
