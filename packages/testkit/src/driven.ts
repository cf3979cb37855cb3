import type { Client } from '@quintet/client'

/** A client whose every promise lets the world go on while it is waited for. */
export function driven(client: Client, until: <T>(promise: Promise<T>) => Promise<T>): Client {
  return new Proxy(client, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver)
      if (typeof value !== 'function') return value
      return (...args: readonly unknown[]) => {
        const result: unknown = Reflect.apply(value, target, args)
        return result instanceof Promise ? until(result) : result
      }
    },
  })
}
