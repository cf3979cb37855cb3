import { createHash } from 'node:crypto'
import { bytesOf, parseCredential, parseDeviceBytes, rosterBytes, rosterDigestBytes, sameBytes } from '@quintet/domain'
import { pushOf, responseOf } from '@quintet/testkit'
import type { RosterDigest } from '@quintet/wire'
import { expect, test } from 'vitest'
import { createWorld } from '../world.ts'
import { faults, unbound } from './malice.ts'

type Names = Parameters<typeof rosterBytes>[1]

const eve = parseDeviceBytes(new Uint8Array(16).fill(9)) ?? expect.unreachable('16 bytes are a device')
const deeds: Readonly<Record<string, (names: Names) => Names | undefined>> = {
  'counts one device more': (names) => names.concat(names.slice(0, 1).map((one) => ({ ...one, device: eve }))),
  'leaves one out': (names) => names.slice(1),
  'says nothing of it': () => undefined,
  'speaks of another epoch': (names) => names.slice(1),
}

test.each(
  Object.entries(deeds).flatMap(([what, deed]) =>
    (['pushed', 'fetched'] as const).map((where) => [what, where, deed] as const),
  ),
)('a relay that %s among those it delivers to is found out at the next epoch, %s (R2)', async (what, where, deed) => {
  await using world = await createWorld()
  const alice = await world.account('alice', 'phone')
  const bob = await world.account('bob', 'phone')
  await world.account('carol', 'phone')
  const { chat } = await alice.phone.client.createGroup('Walk', ['bob', 'carol'])
  await world.settle()
  await bob.phone.say(chat, 'hello')
  await world.settle()
  const names = (unbound(alice.phone, chat).view(bytesOf(chat))?.leaves ?? []).flatMap(
    (leaf) => parseCredential(leaf.credential) ?? [],
  )
  const lie = (told: RosterDigest): RosterDigest | undefined => {
    if (what.startsWith('speaks')) return { ...told, epoch: where === 'pushed' ? told.epoch + 7n : 0n }
    const said = deed(names)
    const digest = said && createHash('sha256').update(rosterBytes(told.epoch, said)).digest()
    return digest && { ...told, digest: new Uint8Array(digest.subarray(0, rosterDigestBytes)) }
  }
  if (where === 'fetched') bob.phone.disconnect()
  world.relay.tamper((seen) => {
    if (seen.device !== 'bob.phone' || seen.direction !== 'to-device') return undefined
    const push = pushOf(seen.frame)?.kind
    const result = responseOf(seen.frame)?.result
    const told = push?.case === 'entry' ? push.value : result?.case === 'fetched' ? result.value : undefined
    if (told?.roster === undefined || !sameBytes(told.chat, bytesOf(chat))) return undefined
    const roster = lie(told.roster)
    if (roster === undefined) delete told.roster
    else told.roster = roster
    return [{ ...seen.frame }]
  })
  expect(faults(bob.phone, 'roster-differs')).toEqual([])
  await alice.phone.client.setAdmin(chat, 'carol', true)
  if (where === 'fetched') bob.phone.connect()
  await world.settle()
  expect(faults(bob.phone, 'roster-differs')).toHaveLength(1)
  const told = bob.phone.client.notices().map(({ sentence }) => sentence)
  expect(told.join()).toContain('delivers to other devices')
  expect(faults(alice.phone, 'roster-differs')).toEqual([])
})
