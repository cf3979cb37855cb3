import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Client, openProfile } from '../../src/index.ts'

/** The folder of one device's profile. */
export function deviceFolder(folder: string, handle: string, device: string): string {
  return join(folder, `${handle}-${device}`)
}

export async function openDevice(folder: string, handle: string, device: string, relay?: string): Promise<Client> {
  const client = await openProfile({ dir: deviceFolder(folder, handle, device), relay })
  await client.online()
  return client
}

/** The real linking, both screens on one table. */
export async function linkBoth(approver: Client, newcomer: Client, name: string): Promise<void> {
  const offered = later<string>()
  const worded = later<string>()
  const linking = newcomer.link(
    { kind: 'desktop', name },
    {
      offer: ({ offer }) => offered.resolve(offer),
      confirm(words) {
        worded.resolve(words.join(' '))
        return Promise.resolve(true)
      },
    },
  )
  const offer = await Promise.race([offered.promise, linking.then(() => '')])
  await Promise.all([linking, approveThere(approver, offer, worded.promise)])
}

/** The person looks at the other screen and picks the words that stand there. */
export async function approveThere(
  approver: Client,
  offer: string,
  words: Promise<string>,
  { picked = () => {}, lookingMs = 0 } = {},
): Promise<void> {
  await approver.approve(
    offer,
    { manage: false },
    {
      async pick({ choices }) {
        const there = await words
        await pause(lookingMs)
        picked()
        return choices.findIndex((choice) => choice.join(' ') === there)
      },
    },
  )
}

function later<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve = (_value: T): void => {}
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
