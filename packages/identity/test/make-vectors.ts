import { writeFileSync } from 'node:fs'
import { hexOf } from '@quintet/domain'
import { entryHash, replayLog } from '../src/index.ts'
import { logCases } from './cases.ts'

/** Writes protocol/vectors/devlog.json anew: `node packages/identity/test/make-vectors.ts`. A change of it is a decision. */
const cases = logCases.map(({ name, entries, maxDevices }) => {
  const { state, fault } = replayLog(entries, maxDevices === undefined ? {} : { maxDevices })
  const devices = [...(state?.devices.values() ?? [])].map((record) => ({
    device: record.device.slice(2),
    kind: record.kind,
    mlsKey: hexOf(record.mlsKey),
    addedAt: Number(record.addedAt),
    manage: record.manage,
    manageClaim: record.manageClaim,
    removedAt: record.removedAt === undefined ? null : Number(record.removedAt),
  }))
  return {
    name,
    maxDevices: maxDevices ?? null,
    log: entries.map((entry) => hexOf(entryHash(entry))),
    state: state && {
      account: state.account.slice(2),
      position: Number(state.head.position),
      head: hexOf(state.head.hash),
      main: state.main?.slice(2) ?? null,
      recovery: state.recovery ? hexOf(state.recovery.signKey) : null,
      closed: state.closed,
      devices,
    },
    fault: fault ? { kind: fault.kind, position: Number(fault.position) } : null,
  }
})
const entries = Object.fromEntries(
  logCases.flatMap((one) =>
    one.entries.map((entry) => {
      const { body, signature, countersignature } = entry
      const parts = { body: hexOf(body), signature: hexOf(signature), countersignature: hexOf(countersignature) }
      return [hexOf(entryHash(entry)), parts] as const
    }),
  ),
)
const about =
  'Device logs (rules D1-D9, D14, D15). Bytes are hex. A log names its entries by hash; `state` is that of the valid prefix.'
const path = new URL('../../../protocol/vectors/devlog.json', import.meta.url)
writeFileSync(path, `${JSON.stringify({ about, entries, cases }, null, 1)}\n`)
