import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inRoot } from '../../../../scripts/lib/root.js'
import type { Client } from '../../src/index.ts'
import { profileFiles } from '../../src/profile/folder.ts'
import { deviceFolder, linkBoth, openDevice } from './people.ts'
import { makeRelay, startRelay } from './relay.ts'

/** Mara's account of a phone and a laptop, and one other device of the newest chat, with the relay that they use. */
export interface LinkWorld {
  readonly folder: string
  /** The chat that was written to last. */
  readonly newest: string
  readonly kit: string
}

export const owner = 'mara'
/** Whoever is in every newest chat. */
export const friend = 'friend0'
export const relayFolder = (folder: string): string => join(folder, 'relay')

const membersBesides = 4
/** Nobody is added to more chats than key packages wait for a device. */
const chatsPerPerson = 45
/** Chats between two syncs of the owner's devices: fewer than half of a laptop's key packages. */
const round = 20

/** Profiles and relay of another version would have to be brought up to date first, within the measured time. */
function version(): string {
  const made = [fileURLToPath(import.meta.url), inRoot('packages/client/src/store/migrations.ts')]
  const hash = createHash('sha256')
  for (const file of [...made, inRoot('protocol/quintet/v1/relay.proto')]) hash.update(readFileSync(file))
  return hash.digest('hex').slice(0, 12)
}

/**
 * A fresh copy of the world with that many chats of ten leaves; made once and kept in the system's folder for what may
 * go, since making it takes longer than measuring in it. Whoever asked removes the copy.
 */
export async function linkWorld(chats: number): Promise<LinkWorld> {
  const kept = join(tmpdir(), `quintet-bench-link-${chats}-${version()}`)
  if (!existsSync(kept)) {
    const folder = mkdtempSync(`${kept}-`)
    const facts = await make(folder, chats)
    writeFileSync(join(folder, 'world.json'), JSON.stringify(facts))
    renameSync(folder, kept)
  }
  const folder = mkdtempSync(join(tmpdir(), 'quintet-bench-'))
  cpSync(kept, folder, { recursive: true })
  return { folder, ...parseFacts(readFileSync(join(folder, 'world.json'), 'utf8')) }
}

/** The copy's devices look for the relay where it is now. */
export function pointTo(folder: string, handle: string, device: string, url: string): void {
  writeFileSync(profileFiles(deviceFolder(folder, handle, device)).relay, `${url}\n`)
}

type Facts = Pick<LinkWorld, 'newest' | 'kit'>

function parseFacts(text: string): Facts {
  return JSON.parse(text) as Facts
}

/** Each chat was made by Mara's phone and nobody else has committed in it: the tree that costs a newcomer most. */
async function make(folder: string, chats: number): Promise<Facts> {
  await makeRelay(relayFolder(folder))
  await using relay = await startRelay(relayFolder(folder))
  const people = Math.max(membersBesides, Math.ceil((chats * membersBesides) / chatsPerPerson))
  for (let at = 0; at < people; at++) await person(folder, relay.url, `friend${at}`)
  const { phone, laptop, kit } = await pair(folder, relay.url, owner)
  let newest = ''
  for (let made = 0; made < chats; made++) {
    // The last one begins with the first of them.
    const first = (made + 1) * membersBesides - chats * membersBesides + people * chats
    const others = Array.from({ length: membersBesides }, (_, at) => `friend${(first + at) % people}`)
    const { chat } = await phone.createGroup(`Group ${made + 1}`, others)
    await phone.send(chat, `The first words in group ${made + 1}.`)
    newest = chat
    if (made % round === round - 1) await syncAll([laptop, phone])
  }
  await syncAll([laptop, phone])
  // What the kit keeps is renewed once an hour; with a new kit at once.
  const { recovery } = await phone.newRecovery(kit)
  await syncAll([laptop, phone])
  await closeAll([laptop, phone])
  await closeAll([await synced(folder, friend)])
  for (let at = 0; at < people; at++) {
    rmSync(deviceFolder(folder, `friend${at}`, 'laptop'), { recursive: true })
    if (at > 0) rmSync(deviceFolder(folder, `friend${at}`, 'phone'), { recursive: true })
  }
  return { newest, kit: recovery }
}

async function synced(folder: string, handle: string): Promise<Client> {
  const client = await openDevice(folder, handle, 'phone')
  await client.sync()
  return client
}

async function person(folder: string, relay: string, handle: string): Promise<void> {
  const { phone, laptop } = await pair(folder, relay, handle)
  await closeAll([phone, laptop])
}

async function pair(
  folder: string,
  relay: string,
  handle: string,
): Promise<{ readonly phone: Client; readonly laptop: Client; readonly kit: string }> {
  const phone = await openDevice(folder, handle, 'phone', relay)
  const { recovery } = await phone.signUp({ handle, deviceName: 'Phone', kind: 'phone' })
  await phone.sync()
  const laptop = await openDevice(folder, handle, 'laptop', relay)
  await linkBoth(phone, laptop, 'Laptop')
  await syncAll([laptop, phone])
  return { phone, laptop, kit: recovery }
}

async function syncAll(clients: readonly Client[]): Promise<void> {
  for (const client of clients) await client.sync()
}

async function closeAll(clients: readonly Client[]): Promise<void> {
  for (const client of clients) await client.close()
}
