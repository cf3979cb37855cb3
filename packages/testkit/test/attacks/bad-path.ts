import type { Device } from '@quintet/testkit'

/** `EpochKeyPairs` in crates/mls/src/store.rs. */
const keyPairsRow = 10

/**
 * Makes every path a bad one to this device, and to it alone: it has all keys of its leaf and of the nodes above, and
 * what is encrypted to them opens nothing.
 */
export function spoilPaths(device: Device): void {
  for (const { key, value } of device.database.all('select key, value from mls')) {
    if (!(key instanceof Uint8Array && value instanceof Uint8Array) || key[0] !== keyPairsRow) continue
    device.database.run('update mls set value = ? where key = ?', otherPrivateKeys(value), key)
  }
  device.restart()
}

/** The row is a list of pairs, a public and a private key each, in postcard: a varint for every length, then the bytes. */
function otherPrivateKeys(row: Uint8Array): Uint8Array {
  const made = row.slice()
  let at = 0
  const varint = () => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = made[at++] ?? 0
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  for (let left = varint(); left > 0; left--) {
    const publicBytes = varint()
    at += publicBytes
    const end = varint() + at
    for (; at < end; at++) made[at] = (made[at] ?? 0) ^ 0x55
  }
  return made
}
