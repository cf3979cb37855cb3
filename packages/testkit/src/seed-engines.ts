import type { Seeded } from './seeded.ts'

/**
 * Lets engines draw from a seed as well, until the answer is called: keys, and with them ids and the order in which things
 * stand, are the same when a story is told again. Whoever came before is given their own chance back.
 */
export function seedEngines(chance: Seeded): () => void {
  const { crypto } = globalThis
  const before = Object.getOwnPropertyDescriptor(crypto, 'getRandomValues')
  const value = <T extends ArrayBufferView>(into: T): T => {
    new Uint8Array(into.buffer, into.byteOffset, into.byteLength).set(chance.bytes(into.byteLength))
    return into
  }
  Object.defineProperty(crypto, 'getRandomValues', { configurable: true, value })
  return () => {
    if (before) Object.defineProperty(crypto, 'getRandomValues', before)
    else Reflect.deleteProperty(crypto, 'getRandomValues')
  }
}
