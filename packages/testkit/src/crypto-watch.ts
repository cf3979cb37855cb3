/** WebCrypto works in threads of its own: the one thing besides frames that a world cannot see finishing. */
const watched = [
  'decrypt',
  'deriveBits',
  'deriveKey',
  'digest',
  'encrypt',
  'exportKey',
  'generateKey',
  'importKey',
  'sign',
  'unwrapKey',
  'verify',
  'wrapKey',
] as const

let running = 0
let watching = false

/** How many WebCrypto calls of this process are under way, of those begun since `watchCrypto`. */
export function cryptoUnderWay(): number {
  return running
}

/** Counts from now on; to be called before anything that is waited for can have begun. */
export function watchCrypto(): void {
  if (watching) return
  watching = true
  const holder: object = Object.getPrototypeOf(globalThis.crypto.subtle)
  for (const name of watched) {
    const original: unknown = Reflect.get(holder, name)
    if (typeof original !== 'function') continue
    Reflect.set(holder, name, function counted(this: unknown, ...args: readonly unknown[]) {
      running += 1
      const result: unknown = Reflect.apply(original, this, args)
      return Promise.resolve(result).finally(() => {
        running -= 1
      })
    })
  }
}
