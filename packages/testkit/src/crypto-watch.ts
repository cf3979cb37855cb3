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

/** Everything that was asked for, in that order, until its asker has had a turn with the answer. */
let last: Promise<void> = Promise.resolve()
let running = 0
let watching = false

/** How many WebCrypto calls of this process are under way, of those begun since `watchCrypto`. */
export function cryptoUnderWay(): number {
  return running
}

/**
 * Counts from now on; to be called before anything that is waited for can have begun. Answers are given in the order of
 * the questions and each in a turn of its own, whichever thread was faster: else no seed would tell a story twice.
 */
export function watchCrypto(): void {
  if (watching) return
  watching = true
  const holder: object = Object.getPrototypeOf(globalThis.crypto.subtle)
  for (const name of watched) {
    const original: unknown = Reflect.get(holder, name)
    if (typeof original !== 'function') continue
    Reflect.set(holder, name, function inOrder(this: unknown, ...args: readonly unknown[]) {
      running += 1
      const before = last
      const result = Promise.resolve(Reflect.apply(original, this, args))
      const answered = before
        .then(() => result)
        .finally(() => {
          running -= 1
        })
      last = answered.then(turn, turn)
      return answered
    })
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}
