import { join } from 'node:path'
import { type Client, openProfile } from '@quintet/client-node'

/** A profile that was made by the client itself, against a real relay. */
export interface MadeProfile {
  readonly dir: string
  /** Its groups, oldest first. */
  readonly groups: readonly string[]
}

/** Groups made between two syncs of everybody: fewer than a device's key packages at the relay. */
const roundGroups = 20
const perChat = 3

async function person(folder: string, relay: string, handle: string): Promise<Client> {
  const client = await openProfile({ dir: join(folder, handle), relay })
  await client.online()
  await client.signUp({ handle, deviceName: 'Bench', kind: 'desktop' })
  await client.sync()
  return client
}

/**
 * Mara's profile with that many chats: the self chat, two people, and groups with both that each of the three made,
 * a few messages in each; all of them up to date.
 */
export async function makeProfile(folder: string, relay: string, chats: number): Promise<MadeProfile> {
  const names = ['mara', 'bob', 'cleo']
  const people: Client[] = []
  try {
    for (const name of names) people.push(await person(folder, relay, name))
    const [mara, bob, cleo] = people
    if (mara === undefined || bob === undefined || cleo === undefined) throw new TypeError('three people')
    if (chats > 1) await talk(people, 'bob', mara, bob)
    if (chats > 2) await talk(people, 'cleo', mara, cleo)
    const groups: string[] = []
    while (groups.length < chats - 3) {
      const round = Math.min(roundGroups, chats - 3 - groups.length)
      const maker = people[Math.floor(groups.length / roundGroups) % people.length] ?? mara
      const others = names.filter((_, at) => people[at] !== maker)
      const made: string[] = []
      for (let at = 0; at < round; at++) {
        const { chat } = await maker.createGroup(`Group ${groups.length + at + 1}`, others)
        made.push(chat)
      }
      await syncAll(people)
      for (const chat of made) {
        for (let at = 0; at < perChat; at++) {
          await (people[at % people.length] ?? mara).send(
            chat,
            `Message ${at + 1} of ${perChat}, about nothing at all.`,
          )
        }
      }
      await syncAll(people)
      groups.push(...made)
    }
    await syncAll(people)
    return { dir: join(folder, 'mara'), groups }
  } finally {
    for (const client of people) await client.close()
  }
}

async function talk(people: readonly Client[], other: string, mara: Client, them: Client): Promise<void> {
  await mara.send(other, 'Hello')
  await them.sync()
  await them.send('mara', 'Hello yourself')
  await syncAll(people)
}

async function syncAll(people: readonly Client[]): Promise<void> {
  for (const client of people) await client.sync()
}
