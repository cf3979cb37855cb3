import { createWorld } from '@quintet/testkit'
import { expect, test } from 'vitest'

/** Who said what kind of thing to whom, in order, while four devices talk, race and break. */
async function told(seed: number): Promise<readonly string[]> {
  await using world = await createWorld({ seed })
  const frames: string[] = []
  world.relay.tamper(({ direction, device, call, frame }) => {
    const { kind } = frame
    const what = kind.case === 'push' ? kind.value.kind.case : call
    frames.push(`${world.now()} ${device} ${direction} ${kind.case} ${what}`)
    return undefined
  })
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone', 'laptop')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob'])
  await world.settle()
  await Promise.all([...alice.devices, ...bob.devices].map((device) => device.say(chat, device.name)))
  world.network.cut()
  bob.laptop.crashAfter(2)
  await Promise.all([alice.laptop.say(chat, 'one'), bob.phone.say(chat, 'two')])
  bob.laptop.restart()
  await world.settle()
  return frames
}

test('a seed tells the same story again, frame by frame, and another seed another', async () => {
  const first = await told(7)
  expect(await told(7)).toEqual(first)
  expect(await told(8)).not.toEqual(first)
})
