import { ClientError } from '@quintet/client'
import { type Device, seeded } from '@quintet/testkit'
import { expect, test } from 'vitest'
import { conversation } from '../lying-log.ts'
import { createWorld } from '../world.ts'

/** What the first byte of a row's key says that it holds (crates/mls); the signature key is told of in damaged.test.ts. */
const signer = 13

function kindsOf(device: Device): readonly number[] {
  const rows = device.database.all('select distinct hex(substr(key, 1, 1)) as kind from mls order by kind')
  return rows.map(({ kind }) => Number.parseInt(String(kind), 16)).filter((kind) => kind !== signer)
}

const rowsOf = 'select key, length(value) as length from mls where hex(substr(key, 1, 1)) = ? order by key'
const chance = seeded(1)

function harm(device: Device, kind: number, how: string): void {
  const hex = kind.toString(16).padStart(2, '0').toUpperCase()
  if (how === 'lost') device.database.run('delete from mls where hex(substr(key, 1, 1)) = ?', hex)
  else
    for (const { key, length } of device.database.all(rowsOf, hex))
      device.database.run('update mls set value = ? where key = ?', chance.bytes(Number(length)), key ?? null)
}

/** Where the damage shows only now, what is written goes out once a sibling has confirmed the chat (C8). */
async function writes(by: Device, chat: string, text: string): Promise<void> {
  await by.say(chat, text).catch((error: unknown) => {
    if (!(error instanceof ClientError) || error.details.queued !== true) throw error
  })
}

test.each(['lost', 'garbled'])(
  'whatever kind of MLS rows is %s, the device heals and goes on in all of its chats',
  async (how) => {
    await using world = await createWorld()
    const { alice, bob } = await conversation(world)
    const carol = await world.account('carol', 'phone')
    await alice.phone.client.createGroup('Walk', ['bob', 'carol'])
    await world.settle()
    const kinds = kindsOf(alice.laptop)
    expect(kinds.length).toBeGreaterThan(3)
    for (const kind of kinds) {
      harm(alice.laptop, kind, how)
      alice.laptop.restart()
      await world.settle()
      await alice.laptop.client.sync()
      await world.settle()
      await world.forward(31_000)
      const here = alice.laptop
      await writes(here, here.chat(bob), `after ${kind}`)
      await writes(here, here.chat('Walk'), `walk after ${kind}`)
      await world.settle()
      await world.forward(31_000)
      await carol.phone.say(carol.phone.chat('Walk'), `heard ${kind}`)
      // Somebody whom it has never met needs one of its key packages, or lets it join by itself (K3).
      await world.settle()
      expect([kind, bob.phone.heard(alice).at(-1)]).toEqual([kind, `after ${kind}`])
      expect([kind, carol.phone.shows('Walk').at(-2)]).toEqual([kind, `walk after ${kind}`])
      expect([kind, here.shows('Walk').at(-1)]).toEqual([kind, `heard ${kind}`])
    }
    // Somebody new uses one of its key packages. Where its private half was harmed, it comes in otherwise; what was said
    // until then is missing, and said to be.
    const dave = await world.account('dave', 'phone')
    await dave.phone.say(alice, 'hello Alice')
    await world.settle()
    const { gaps } = alice.laptop.client.status()
    expect(alice.laptop.heard(dave).length + gaps).toBe(1)
    await dave.phone.say(alice, 'still there?')
    await world.settle()
    expect(alice.laptop.heard(dave).at(-1)).toBe('still there?')
    expect(alice.laptop.client.status()).toMatchObject({ outbox: 0, chatsPending: 0 })
  },
  60_000,
)
