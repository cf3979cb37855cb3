import type { RelayStore } from '../ports/store.ts'
import { memoryAccounts } from './memory-accounts.ts'
import { memoryChats } from './memory-chats.ts'
import { memoryHandles, memoryInvites, memorySettings } from './memory-registers.ts'

/** A store that forgets everything when the process ends: for worlds in one process. */
export function memoryStore(): RelayStore {
  const accounts = memoryAccounts()
  return {
    accounts,
    chats: memoryChats((account) => accounts.headOf(account)),
    handles: memoryHandles(),
    invites: memoryInvites(),
    settings: memorySettings(),
    flushed: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}
