import type { Greeting } from '@quintet/wire'
import type { Core } from '../core.ts'

const heardOn = new WeakMap<Core, Greeting>()

/** On this connection the relay has told where all chats and logs stand. */
export function noteHeard(core: Core, greeting: Greeting | undefined): void {
  if (greeting !== undefined) heardOn.set(core, greeting)
}

/** Whether it has; from then on it tells of every change by itself. */
export function hasHeard(core: Core): boolean {
  const { greeting } = core.relay
  return greeting !== undefined && heardOn.get(core) === greeting
}
