import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDeviceBytes } from '@quintet/domain'
import { nextLogHash } from '@quintet/relay'
import { relayStoreContract } from '@quintet/relay/contracts'
import { expect, test } from 'vitest'
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

test('a store whose threads end by themselves says so, refuses from then on, and closes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quintet-store-'))
  let broke = 0
  const store = openSqliteStore(join(folder, 'relay.db'), { onBroken: () => broke++ })
  // Its threads have not opened their connections yet, and there is nothing left to open.
  rmSync(folder, { recursive: true, force: true })
  await expect(store.settings.set('key', 'value')).rejects.toMatchObject({ code: 'unavailable' })
  await expect(store.settings.get('key')).rejects.toMatchObject({ code: 'unavailable' })
  expect(broke).toBe(2)
  await expect(store.settings.set('key', 'value')).rejects.toMatchObject({ code: 'unavailable' })
  await store.close()
})

test('a store that is closed on purpose is not called broken', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quintet-store-'))
  let broke = 0
  const store = openSqliteStore(join(folder, 'relay.db'), { onBroken: () => broke++ })
  await store.settings.set('key', 'value')
  await store.close()
  rmSync(folder, { recursive: true, force: true })
  expect(broke).toBe(0)
})

test('what nobody waits for gives way to what was asked for after it, and is done before the store closes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quintet-store-'))
  const store = openSqliteStore(join(folder, 'relay.db'))
  const devices = Array.from({ length: 1000 }, (_, at) => parseDeviceBytes(bytesOfNumber(at)) ?? expect.unreachable())
  const done: string[] = []
  const seen = store.accounts.saveSeen(new Map(devices.map((device) => [device, 1]))).then(() => done.push('seen'))
  const set = store.settings.set('key', 'value').then(() => done.push('set'))
  await store.close()
  await Promise.all([seen, set])
  rmSync(folder, { recursive: true, force: true })
  expect(done).toEqual(['set', 'seen'])
})

function bytesOfNumber(number: number): Uint8Array {
  const bytes = new Uint8Array(16)
  new DataView(bytes.buffer).setUint32(0, number)
  return bytes
}
