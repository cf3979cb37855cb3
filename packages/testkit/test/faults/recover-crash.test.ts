import { expect, test } from 'vitest'
import { createWorld } from '../world.ts'

test.each([2, 5, 9, 14])(
  'a recovery cut off after %i steps is finished by calling it again, with all that the kit kept',
  async (steps) => {
    await using world = await createWorld()
    const alice = await world.account('alice', 'phone')
    const bob = await world.account('bob', 'phone')
    await alice.phone.client.createGroup('Walk', ['bob'])
    await world.settle()
    // What stands for the kit at the relay is renewed once an hour at most (H8).
    await world.forward(61 * 60_000)
    await alice.phone.client.sync()
    await world.settle()
    alice.phone.kill()
    const tablet = world.device('alice', 'tablet')
    tablet.crashAfter(steps)
    const input = { handle: 'alice', key: alice.recovery, name: 'Tablet' }
    await tablet.client.recover(input).catch(() => undefined)
    expect(tablet.isRunning).toBe(false)
    tablet.restart()
    await world.settle()
    // An hour of being half a device, and of looking after the account as every device does.
    await world.forward(61 * 60_000)
    if (tablet.client.self() !== undefined)
      await expect(tablet.client.sync()).rejects.toMatchObject({ code: 'profile-empty' })
    await tablet.client.recover(input)
    await world.settle()
    await tablet.client.sync()
    await world.forward(31_000)
    await tablet.say(tablet.chat('Walk'), 'I am back')
    await world.settle()
    expect(bob.phone.heard()).toEqual(['I am back'])
    expect(tablet.client.notices()).toEqual([])
    await expect(tablet.client.recover(input)).rejects.toMatchObject({ code: 'profile-exists' })
  },
)
