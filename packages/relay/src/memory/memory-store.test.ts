import { createHash } from 'node:crypto'
import { nextLogHash } from '../chats/log-hash.ts'
import { relayStoreContract } from '../ports/store.contract.ts'
import { memoryStore } from './memory-store.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())

relayStoreContract(
  'in memory',
  async () => {
    const store = memoryStore()
    return { store, close: () => store.close() }
  },
  { sha256, nextHash: (previous, seq, digest) => nextLogHash({ sha256 }, previous, seq, digest) },
)
