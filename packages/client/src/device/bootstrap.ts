import { bytesOf } from '@quintet/domain'
import { type Bootstrap, BootstrapSchema, create } from '@quintet/wire'
import type { Core } from '../core.ts'
import { stateOf } from './directory.ts'
import { handleOf } from './handle.ts'
import type { DeviceHooks } from './hooks.ts'

/** What this device can tell another one of the account (L7): the closed list, no private key among it. */
export function makeBootstrap(core: Core, hooks: Pick<DeviceHooks, 'bootstrapParts'>): Bootstrap {
  const { account } = core.mustOwn()
  const head = stateOf(core, account)?.head
  const { selfChat, floors, pins, settings, chats, people } = hooks.bootstrapParts(core)
  return create(BootstrapSchema, {
    account: bytesOf(account),
    ...(head && { head }),
    selfChat: selfChat === undefined ? new Uint8Array() : bytesOf(selfChat),
    pins: [...pins],
    floors: [...floors],
    settings,
    chats: [...(chats ?? [])],
    people: [...(people ?? [])],
    madeAtMs: BigInt(Math.trunc(core.relayNow())),
    handle: handleOf(core, account) ?? '',
  })
}
