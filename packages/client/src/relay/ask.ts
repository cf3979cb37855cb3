import type { Core } from '../core.ts'
import { clientErrorOf } from './failure.ts'
import { type AnswerName, type AnswerOf, type CallInit, type CallName, ConnectionLost } from './link.ts'

/** How long a connection that broke under a question may take to come back, ms. */
const reconnectMs = 10_000

/**
 * A request that may be repeated without harm: asked once more when the connection breaks under it.
 *
 * Fails with the ClientError that the relay's refusal means.
 */
export async function ask<K extends CallName, A extends AnswerName>(
  core: Pick<Core, 'relay'>,
  name: K,
  init: CallInit<K>,
  answer: A,
): Promise<AnswerOf<A>> {
  try {
    return await core.relay.call(name, init, answer)
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw clientErrorOf(error)
  }
  await core.relay.online(reconnectMs)
  try {
    return await core.relay.call(name, init, answer)
  } catch (error) {
    throw clientErrorOf(error)
  }
}
