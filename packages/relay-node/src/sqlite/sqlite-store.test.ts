import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nextLogHash } from '@quintet/relay'
import { relayStoreContract } from '@quintet/relay/contracts'
import { sha256 } from './chat-head.ts'
import { openSqliteStore } from './sqlite-store.ts'

relayStoreContract(
  'SQLite',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quintet-store-'))
    const store = openSqliteStore(join(folder, 'relay.db'))
    const close = async (): Promise<void> => {
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    }
    return { store, close }
  },
  { sha256, nextHash: (previous, seq, digest) => nextLogHash({ sha256 }, previous, seq, digest) },
)
