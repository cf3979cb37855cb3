import { expectAnswer, outcome, type TestDevice, type TestKeys } from '@quintet/relay/testing'
import type { LogEntry } from '@quintet/wire'
import type { Pulse } from './pulse.ts'

/** A log takes so many changes a day (D14). */
const mostChanges = 18

/** One account whose devices come and go while the relay may die. */
export class LogChanges {
  private readonly pulse: Pulse
  private laptop: TestKeys | undefined
  private next: { readonly entry: LogEntry; readonly laptop: TestKeys | undefined } | undefined
  private gone: TestKeys | undefined
  private changes = 0

  constructor(pulse: Pulse) {
    this.pulse = pulse
  }

  async change(device: TestDevice): Promise<void> {
    const { account } = device
    if (this.next === undefined) {
      if (this.changes++ >= mostChanges) return
      const { laptop } = this
      const added = laptop === undefined ? account.newKeys() : undefined
      const op = added
        ? ({ kind: 'add', identity: added.identity, manageClaim: false } as const)
        : ({ kind: 'remove', device: laptop?.device ?? device.keys.device } as const)
      this.next = { entry: await account.entry(op, Date.now(), device.keys, added), laptop: added }
    }
    this.pulse.beat('log')
    const value = { account: account.bytes, entry: this.next.entry }
    const answer = await device.ask({ case: 'appendLog', value })
    if (answer.case !== 'logAppended') throw new Error(`a change of devices was answered ${outcome(answer)}`)
    account.adopt(this.next.entry)
    this.gone = this.next.laptop === undefined ? this.laptop : undefined
    this.laptop = this.next.laptop
    this.next = undefined
  }

  /** The log ends before or after the change under way, which goes out again; its devices are let in by it (R1). */
  async check(device: TestDevice, enter: (of: TestDevice, keys: TestKeys) => Promise<string>): Promise<void> {
    const { account } = device
    const { logs } = expectAnswer(
      await device.ask({ case: 'logs', value: { accounts: [{ account: account.bytes, fromPosition: 0n }] } }),
      'logs',
    )
    const there = logs[0]?.entries.length ?? 0
    const known = Number(account.state.head.position) + 1
    if (there !== known && (this.next === undefined || there !== known + 1)) {
      throw new Error(`a log of ${known} entries has ${there} after a restart`)
    }
    if (this.next) await this.change(device)
    const { laptop, gone } = this
    if (laptop && (await enter(device, laptop)) !== 'done') throw new Error('a device of the log is not let in')
    if (gone && (await enter(device, gone)) !== 'UNLINKED') throw new Error('a device off the log is let in')
  }
}
