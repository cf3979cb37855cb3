import { nodeEngineLoader } from '@quintet/client-node'
import type { MlsEngine } from '@quintet/crypto'
import type { Device } from '@quintet/testkit'

/** An engine of the test's own over the rows that a device has stored: what whoever holds its disk could do. */
export function engineOf(device: Device): MlsEngine {
  return nodeEngineLoader()({
    read(key) {
      const value = device.database.get('select value from mls where key = ?', key)?.['value']
      return value instanceof Uint8Array ? value : undefined
    },
  })
}
