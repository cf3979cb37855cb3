import { expect, test } from 'vitest'
import { conversation, damage } from './lying-log.ts'
import { createWorld } from './world.ts'

test.each([4, 7])(
  'a device that dies %i steps into its repair has sent once what was on its way when it lost its keys',
  async (steps) => {
    await using world = await createWorld()
    const { alice, bob, chat } = await conversation(world)
    const stop = world.relay.tamper((seen) => {
      if (seen.direction !== 'to-device' || seen.device !== 'alice.laptop' || seen.call !== 'append') return undefined
      alice.laptop.kill()
      return []
    })
    await alice.laptop.say(bob, 'four').catch(() => undefined)
    stop()
    await world.settle()
    expect(bob.phone.heard()).toContain('four')
    // Somebody's commit moves the chat on, so that what was sealed does not fit any more.
    await world.link(alice.phone, 'tablet')
    await world.settle()
    alice.laptop.restart()
    damage(alice.laptop, 1, 'lost')
    alice.laptop.restart()
    alice.laptop.crashAfter(steps)
    await world.forward(1_000)
    if (alice.laptop.isRunning) {
      await alice.laptop.jot(bob, 'unused').catch(() => undefined)
      if (alice.laptop.isRunning) alice.laptop.kill()
    }
    alice.laptop.restart()
    await world.settle()
    await world.forward(31_000)
    await alice.laptop.say(bob, 'five')
    await world.settle()
    const shown = bob.phone.shows(chat).filter((text) => text !== 'unused')
    expect(shown).toEqual(['one', 'two', 'three', 'four', 'five'])
    expect(alice.laptop.shows(chat).filter((text) => text === 'four')).toEqual(['four'])
    const told = alice.laptop.client.notices().map((notice) => notice.sentence)
    expect(told.filter((sentence) => sentence.includes('own records'))).toEqual([])
  },
)
