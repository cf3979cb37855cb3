import type { RelayStore } from '../ports/store.ts'
import { memoryAccounts } from './memory-accounts.ts'
import { memoryChats } from './memory-chats.ts'
import { memoryHandles, memoryInvites, memorySettings } from './memory-registers.ts'

/** A store in memory, and a way to a backup of it: another one that begins as this one stands. */
export interface MemoryStore extends RelayStore {
  copy(): MemoryStore
}

/** A store that forgets everything when the process ends: for worlds in one process. */
export function memoryStore(): MemoryStore {
  const accounts = memoryAccounts()
  return storeOf({
    accounts,
    chats: memoryChats((account) => accounts.headOf(account)),
    handles: memoryHandles(),
    invites: memoryInvites(),
    settings: memorySettings(),
  })
}

interface Parts {
  readonly accounts: ReturnType<typeof memoryAccounts>
  readonly chats: ReturnType<typeof memoryChats>
  readonly handles: ReturnType<typeof memoryHandles>
  readonly invites: ReturnType<typeof memoryInvites>
  readonly settings: ReturnType<typeof memorySettings>
}

function storeOf(parts: Parts): MemoryStore {
  const { accounts, chats, handles, invites, settings } = parts
  return {
    ...parts,
    flushed: () => Promise.resolve(),
    close: () => Promise.resolve(),
    copy() {
      const copied = accounts.copy()
      return storeOf({
        accounts: copied,
        chats: chats.copy((account) => copied.headOf(account)),
        handles: handles.copy(),
        invites: invites.copy(),
        settings: settings.copy(),
      })
    },
  }
}
