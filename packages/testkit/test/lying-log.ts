import { bytesOf, type ChatId, sameBytes } from '@quintet/domain'
import type { Device, Seeded, SeenFrame, World } from '@quintet/testkit'
import type { Entry, Fetched, Frame } from '@quintet/wire'

/** Alice's phone and laptop and Bob's phone in the middle of a conversation. */
export async function conversation(world: World) {
  const alice = await world.account('alice', 'phone', 'laptop')
  const bob = await world.account('bob', 'phone')
  await alice.phone.say(bob, 'one')
  await alice.laptop.say(bob, 'two')
  await bob.phone.say(alice, 'three')
  await world.settle()
  return { alice, bob, chat: bob.phone.chat(alice) }
}

export function heldIn(device: Device, chat: ChatId): string | undefined {
  return device.client.chats().find((one) => one.chat === chat)?.held
}

/** Changes what the relay gives one device of one chat's log, pushed or fetched. */
export function tellDifferently(
  world: World,
  device: Device,
  chat: ChatId,
  change: (entries: readonly Entry[]) => readonly Entry[],
  fetched: (answer: Fetched) => void = () => {},
): () => void {
  return world.relay.tamper((seen: SeenFrame): readonly Frame[] | undefined => {
    if (seen.device !== device.name || seen.direction !== 'to-device') return undefined
    const { kind } = seen.frame
    if (kind.case === 'push' && kind.value.kind.case === 'entry') {
      const push = kind.value.kind.value
      if (push.entry === undefined || !sameBytes(push.chat, bytesOf(chat))) return undefined
      const [entry] = change([push.entry])
      if (entry === undefined) return []
      push.entry = entry
      return [anew(seen.frame)]
    }
    if (kind.case === 'response' && kind.value.result.case === 'fetched') {
      const answer = kind.value.result.value
      if (!sameBytes(answer.chat, bytesOf(chat))) return undefined
      answer.entries = [...change(answer.entries)]
      fetched(answer)
      return [anew(seen.frame)]
    }
    return undefined
  })
}

/** Another object: only what has changed is written anew. */
function anew(frame: Frame): Frame {
  return { ...frame }
}

const signerRow = 13

/** Damages every n-th row of the MLS state, taken out or filled with what is drawn; the device's own signature key is not part of what can heal. */
export function damage(device: Device, every: number, how: 'lost' | Seeded): void {
  const rows = device.database.all('select key, length(value) as length from mls order by key')
  for (const [at, { key, length }] of rows.filter((row) => firstByte(row['key']) !== signerRow).entries()) {
    if (at % every !== 0 || !(key instanceof Uint8Array)) continue
    if (how === 'lost') device.database.run('delete from mls where key = ?', key)
    else device.database.run('update mls set value = ? where key = ?', how.bytes(Number(length)), key)
  }
}

function firstByte(key: unknown): number | undefined {
  return key instanceof Uint8Array ? key[0] : undefined
}
