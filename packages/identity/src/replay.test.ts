import { readFileSync } from 'node:fs'
import { bytesOfHex, hexOf } from '@quintet/domain'
import { create, LogEntrySchema } from '@quintet/wire'
import { describe, expect, test } from 'vitest'
import { logCases } from '../test/cases.ts'
import { entryHash, replayLog } from './index.ts'

describe('a device log', () => {
  test.each(logCases)('$name: $fault', ({ entries, fault, maxDevices }) => {
    const replay = replayLog(entries, maxDevices === undefined ? {} : { maxDevices })
    expect(replay.fault?.kind).toBe(fault)
    const valid = Number(replay.fault?.position ?? entries.length)
    expect(replay.state?.head.position).toBe(valid === 0 ? undefined : BigInt(valid) - 1n)
  })

  test('of another account is refused from its first entry on', () => {
    const [one] = logCases
    const account = replayLog(one?.entries ?? []).state?.account
    const other = logCases.find(({ name }) => name === 'a first kit is set by a device')?.entries ?? []
    expect(account && replayLog(other, { account }).fault?.kind).toBe('wrong-account')
  })
})

interface VectorEntry {
  readonly body: string
  readonly signature: string
  readonly countersignature: string
}

interface Vector {
  readonly name: string
  readonly maxDevices: number | null
  readonly log: readonly string[]
  readonly state?: {
    account: string
    position: number
    head: string
    main: string | null
    recovery: string | null
    closed: boolean
    devices: readonly Record<string, unknown>[]
  }
  readonly fault: { kind: string; position: number } | null
}

describe('the golden vectors', () => {
  const path = new URL('../../../protocol/vectors/devlog.json', import.meta.url)
  const vectors: { entries: Record<string, VectorEntry>; cases: readonly Vector[] } = JSON.parse(
    readFileSync(path, 'utf8'),
  )

  test('hold every case', () => {
    expect(vectors.cases.map(({ name }) => name)).toEqual(logCases.map(({ name }) => name))
  })

  test.each(vectors.cases)('$name', (vector) => {
    const entries = vector.log.flatMap((hash) => {
      const parts = vectors.entries[hash]
      if (parts === undefined) return []
      const { body, signature, countersignature } = parts
      return create(LogEntrySchema, {
        body: bytesOfHex(body),
        signature: bytesOfHex(signature),
        countersignature: bytesOfHex(countersignature),
      })
    })
    expect(entries.map((entry) => hexOf(entryHash(entry)))).toEqual(vector.log)
    const { maxDevices } = vector
    const { state, fault } = replayLog(entries, maxDevices === null ? {} : { maxDevices })
    expect(fault ? { kind: fault.kind, position: Number(fault.position) } : null).toEqual(vector.fault)
    expect(state?.account.slice(2)).toBe(vector.state?.account)
    if (state === undefined || vector.state === undefined) return
    expect(hexOf(state.head.hash)).toBe(vector.state.head)
    expect(state.main?.slice(2) ?? null).toBe(vector.state.main)
    expect(state.recovery ? hexOf(state.recovery.signKey) : null).toBe(vector.state.recovery)
    expect(state.closed).toBe(vector.state.closed)
    const devices = [...state.devices.values()].map(
      ({ device, kind, mlsKey, addedAt, manage, manageClaim, removedAt }) => ({
        device: device.slice(2),
        kind,
        mlsKey: hexOf(mlsKey),
        addedAt: Number(addedAt),
        manage,
        manageClaim,
        removedAt: removedAt === undefined ? null : Number(removedAt),
      }),
    )
    expect(devices).toEqual(vector.state.devices)
  })
})
