import { deepEqual, ok } from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { type Device, type Person, signUp, type World } from '../harness.ts'

/** Mulberry32, so that a seed kills at the same moments as far as processes allow. */
function chanceOf(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

export interface Killed {
  readonly kills: number
  readonly acknowledged: number
}

/** A command is over in about this time where nobody kills it; a killed one dies somewhere in it. */
const longestMs = 2_500

/**
 * Bob writes while he, the listener on the other side, or a device that is being linked is killed, each several times.
 *
 * Throws where something acknowledged is lost, something is shown twice, or both sides see different things.
 */
export async function killCommands(world: World, seed: number, kills: number): Promise<Killed> {
  const chance = chanceOf(seed)
  const mara = await signUp(world, `mara${seed}`)
  const bob = await signUp(world, `bob${seed}`)
  await bob.device.one('send', mara.handle, 'first')
  await mara.device.ok('accept', bob.handle)
  const acknowledged = ['first']
  const written = ['first']
  let died = 0
  for (let n = 0; n < kills; n++) {
    const text = `text ${n}`
    written.push(text)
    const afterMs = chance(longestMs)
    switch (chance(4)) {
      case 0:
      case 1:
        died += await killSend(bob, mara, { text, afterMs, acknowledged })
        break
      case 2:
        died += await killListener(mara, bob, { text, afterMs, acknowledged })
        break
      default:
        died += await killLink(world, mara, afterMs)
        written.pop()
    }
  }
  await bob.device.one('sync')
  await mara.device.one('sync')
  const there = await bob.device.texts(mara.handle)
  deepEqual(await mara.device.texts(bob.handle), there, 'both show the same')
  deepEqual(new Set(there).size, there.length, `shown twice: ${there.join(', ')}`)
  deepEqual(
    there,
    written.filter((text) => there.includes(text)),
    `out of order: ${there.join(', ')}`,
  )
  for (const text of acknowledged) ok(there.includes(text), `${text} was acknowledged and is lost: ${there.join(', ')}`)
  return { kills: died, acknowledged: acknowledged.length }
}

interface Shot {
  readonly text: string
  readonly afterMs: number
  readonly acknowledged: string[]
}

async function killSend(from: Person, to: Person, { text, afterMs, acknowledged }: Shot): Promise<number> {
  const sending = from.device.start('send', to.handle, text)
  await Promise.race([sending.ended, pause(afterMs)])
  sending.signal('SIGKILL')
  const { code, lines } = await sending.ended
  // What was printed was acknowledged, also by a process that did not come to its end.
  if (lines.some((line) => 'seq' in line)) acknowledged.push(text)
  return code === null ? 1 : 0
}

async function killListener(at: Person, from: Person, { text, afterMs, acknowledged }: Shot): Promise<number> {
  const listening = at.device.start('listen')
  const dying = Promise.race([listening.ended, pause(afterMs)]).then(() => listening.signal('SIGKILL'))
  await from.device.one('send', at.handle, text)
  acknowledged.push(text)
  await dying
  return (await listening.ended).code === null ? 1 : 0
}

async function killLink(world: World, person: Person, afterMs: number): Promise<number> {
  const laptop = world.device()
  const linking = laptop.start('link', '--kind', 'desktop', '--name', 'Laptop', '--yes')
  const offer = await linking.line((line) => 'offer' in line)
  const approving = person.device.start('approve', String(offer['offer']), '--yes', '--wait', '5')
  await Promise.race([linking.ended, pause(afterMs)])
  linking.signal('SIGKILL')
  const { code } = await linking.ended
  // Whoever sees the other screen go dark does not wait for the offer's two minutes to be over.
  if (code === null) approving.signal('SIGINT')
  await approving.ended
  await unlinkLaptops(person.device)
  if (code === null) {
    // The profile that was cut off is either a device, unlinked by now, or none: then it can be linked.
    const state = await laptop.run('status')
    ok(state.code === 0 || state.stderr.includes('profile-empty') || state.stderr.includes('unlinked'), state.stderr)
  }
  return code === null ? 1 : 0
}

async function unlinkLaptops(device: Device): Promise<void> {
  for (const line of await device.ok('devices'))
    if (line['self'] !== true) await device.ok('unlink', String(line['device']))
}
