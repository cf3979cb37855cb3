import { type AccountId, bytesOf, type DeviceId } from '@quintet/domain'
import { activeDevices } from '@quintet/identity'
import type { LiveChat } from '../chats/live-chat.ts'
import type { Caller, RelayCore } from '../relay-core.ts'

/** After this long without a sign of it a device's leaves may be taken out by anyone (C11), ms. */
const idleMs = 60 * 24 * 60 * 60 * 1000

/** Of how many accounts it is told at once. */
const maxAccounts = 256

/** How long what was found of an account is told again, ms. */
const keptMs = 60 * 60 * 1000

const found = new WeakMap<RelayCore, Map<AccountId, { readonly atMs: number; readonly idle: readonly DeviceId[] }>>()

/** A device that was never seen since it was listed is none that went away. */
async function idleOf(core: RelayCore, account: AccountId): Promise<readonly DeviceId[]> {
  // A clock a year ahead makes everybody one who went away.
  if (core.runtime.clock.doubted?.() === true) return []
  const seen = await core.store.accounts.seen(account)
  const live = await core.accounts.get(account)
  const now = core.runtime.clock.now()
  return (live ? activeDevices(live.state) : []).flatMap(({ device }) => {
    const atMs = core.progress.lastSaw(device) ?? seen.get(device)
    const away = atMs !== undefined && now - atMs >= idleMs && core.hub.device(device) === undefined
    return away ? [device] : []
  })
}

/** The devices of accounts that one shares a chat with that have long been away; a member's next commit may take them out. */
export async function idleNear(core: RelayCore, caller: Caller) {
  const now = core.runtime.clock.now()
  const kept = found.get(core) ?? new Map()
  found.set(core, kept)
  for (const [account, { atMs }] of kept) if (now - atMs >= keptMs) kept.delete(account)
  const near = (await core.store.chats.sharers(caller.account)).slice(0, maxAccounts)
  const told: { readonly account: Uint8Array; readonly device: Uint8Array }[] = []
  for (const account of near) {
    const known = kept.get(account) ?? { atMs: now, idle: await idleOf(core, account) }
    kept.set(account, known)
    for (const device of known.idle) told.push({ account: bytesOf(account), device: bytesOf(device) })
  }
  return told
}

/** Those of the named devices that have a leaf in the chat and really have been away so long. */
export async function idleAmong(
  core: RelayCore,
  chat: LiveChat,
  named: readonly DeviceId[],
): Promise<ReadonlySet<DeviceId>> {
  const idle = new Set<DeviceId>()
  const accounts = new Set(named.flatMap((device) => chat.members.get(device)?.account ?? []))
  for (const account of accounts) for (const device of await idleOf(core, account)) idle.add(device)
  return idle
}
