import type { ChatId } from '@quintet/domain'
import { MlsError } from '@quintet/crypto'
import type { Core } from '../core.ts'
import { DatabaseError } from '../ports.ts'
import { clientErrorOf } from '../relay/failure.ts'
import { flush } from './flush.ts'

/**
 * Says what goes with a thing that is done: the people are in, the group stands. Whoever asked for that is not told
 * otherwise: what cannot be said now waits, or goes with this account. Inside the chat's `serial`.
 */
export async function sayAfter(core: Core, chat: ChatId): Promise<void> {
  try {
    await flush(core, chat)
  } catch (error) {
    if (error instanceof MlsError || error instanceof DatabaseError) throw error
    clientErrorOf(error)
  }
}
