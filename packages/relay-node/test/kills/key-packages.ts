import { bytesOf, hexOf } from '@quintet/domain'
import { expectAnswer, outcome, type TestDevice } from '@quintet/relay/testing'
import { Suite } from '@quintet/wire'
import { sha256 } from '../digest.ts'
import type { Pulse } from './pulse.ts'

/** One device's key packages, taken by its sibling while the relay may die: each is served once (K2). */
export class KeyPackages {
  private readonly served = new Set<string>()
  private readonly pulse: Pulse
  private salt = 0
  /** The least and the most that can be waiting. */
  private least = 0
  private most = 0

  constructor(pulse: Pulse) {
    this.pulse = pulse
  }

  get taken(): number {
    return this.served.size
  }

  async put(device: TestDevice): Promise<void> {
    if (this.most > 100) return
    const keyPackages = Array.from({ length: 10 }, () => device.keyPackage(++this.salt))
    this.pulse.beat('put')
    this.most += keyPackages.length
    const answer = await device.ask({ case: 'putKeyPackages', value: { suite: Suite.BASE, keyPackages } })
    if (answer.case === 'failure') throw new Error(`key packages were answered ${outcome(answer)}`)
    this.least += keyPackages.length
  }

  async take(of: TestDevice, by: TestDevice): Promise<void> {
    this.pulse.beat('take')
    this.least--
    const value = { account: of.account.bytes, suite: Suite.BASE, onlyDevices: [bytesOf(of.keys.device)] }
    const { keyPackages } = expectAnswer(await by.ask({ case: 'takeKeyPackages', value }), 'keyPackages')
    const [taken] = keyPackages
    if (taken === undefined) {
      if (this.least >= 0) throw new Error('key packages that were kept are gone')
      this.least++
      return
    }
    this.most--
    const digest = hexOf(sha256(taken.keyPackage))
    if (this.served.has(digest)) throw new Error('a key package was served twice')
    this.served.add(digest)
  }

  async check(device: TestDevice): Promise<void> {
    const { base } = expectAnswer(await device.ask({ case: 'keyPackageStock', value: {} }), 'stock')
    if (base < this.least || base > this.most) {
      throw new Error(`${base} key packages wait, of ${Math.max(0, this.least)} to ${this.most}`)
    }
    this.least = base
    this.most = base
  }
}
