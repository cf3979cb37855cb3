import type { Client } from '@quintet/client'
import type { Method } from '../messages.ts'
import type { Asked, Calls } from './calls.ts'

/** A `Client` that lives in a worker: the same methods, every one of them asynchronous. */
export type WebClient = {
  readonly [M in Method]: (...args: Parameters<Client[M]>) => Promise<Awaited<ReturnType<Client[M]>>>
} & Pick<Client, 'on' | 'close'>

/** The worker's client was made by the core that this page was type-checked with, so its methods are those of `Client`. */
function parseClient(members: Readonly<Record<string, unknown>>): WebClient {
  return members as unknown as WebClient
}

/** Questions that a call may ask back are its last argument; functions cannot go over a port. */
function parseAsked(argument: unknown): Asked | undefined {
  const asks = typeof argument === 'object' && argument !== null
  return asks && Object.values(argument).some((part) => typeof part === 'function') ? (argument as Asked) : undefined
}

/** A client whose every method is called over the port. */
export function clientOver(
  link: { readonly calls: Calls; readonly methods: readonly Method[] },
  close: () => Promise<void>,
): WebClient {
  const { calls, methods } = link
  const members = methods.map((method) => [
    method,
    (...args: readonly unknown[]) => {
      const asked = parseAsked(args.at(-1))
      return calls.call(method, asked === undefined ? args : args.slice(0, -1), asked)
    },
  ])
  return parseClient({ ...Object.fromEntries(members), on: calls.on, close })
}
