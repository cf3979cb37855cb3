import { fileURLToPath } from 'node:url'
import { type Client, openProfile } from '../../src/index.ts'

/** What the new device is to do, as the one argument of its process. */
export interface Orders {
  readonly dir: string
  readonly relay: string
  /** Written to as soon as it is part of the account. */
  readonly newest: string
  readonly text: string
  /** Linked where there is none. */
  readonly kit: { readonly handle: string; readonly key: string } | undefined
}

/** What it says meanwhile. */
export type Said =
  | { readonly kind: 'offer'; readonly offer: string }
  | { readonly kind: 'words'; readonly words: string }
  /** Its person has said that it may begin: the kit's words are typed. */
  | { readonly kind: 'begun' }
  | { readonly kind: 'in' }
  /** All chats are entered and may be written in. */
  | { readonly kind: 'all'; readonly pending: number; readonly cpuMs: number }

export const newcomerScript = fileURLToPath(import.meta.url)

function parseOrders(text: string): Orders {
  return JSON.parse(text) as Orders
}

function say(said: Said): void {
  process.send?.(said)
}

async function become(client: Client, { kit }: Orders): Promise<void> {
  if (kit !== undefined) {
    say({ kind: 'begun' })
    await client.recover({ ...kit, name: 'Back again', kind: 'desktop' })
    return
  }
  await client.link(
    { kind: 'desktop', name: 'New' },
    {
      offer: ({ offer }) => say({ kind: 'offer', offer }),
      confirm(words) {
        say({ kind: 'words', words: words.join(' ') })
        return Promise.resolve(true)
      },
    },
  )
}

async function run(orders: Orders): Promise<void> {
  const client = await openProfile({ dir: orders.dir, relay: orders.relay })
  await client.online()
  await become(client, orders)
  say({ kind: 'in' })
  const all = client.sync().then(() => {
    const { user, system } = process.cpuUsage()
    say({ kind: 'all', pending: client.status().chatsPending, cpuMs: Math.round((user + system) / 1000) })
  })
  await client.send(orders.newest, orders.text)
  await all
  await client.close()
}

if (process.send !== undefined && process.argv[2] !== undefined) {
  await run(parseOrders(process.argv[2]))
  process.disconnect()
}
