import { type Seeded, seeded } from '@quintet/testkit'

/**
 * Lets engines draw from a seed as well, for as long as `work` takes: keys, and with them ids and the order in which
 * things stand, are the same when a history is told again.
 */
export async function withSeededEngines<T>(seed: number, work: () => Promise<T>): Promise<T> {
  const chance = seeded(seed)
  const { crypto } = globalThis
  Object.defineProperty(crypto, 'getRandomValues', { configurable: true, value: filler(chance) })
  try {
    return await work()
  } finally {
    Reflect.deleteProperty(crypto, 'getRandomValues')
  }
}

function filler(chance: Seeded): <T extends ArrayBufferView>(into: T) => T {
  return (into) => {
    new Uint8Array(into.buffer, into.byteOffset, into.byteLength).set(chance.bytes(into.byteLength))
    return into
  }
}
