import type { ChatId } from '@quintet/domain'
import type { Core } from '../src/core.ts'

/** One task at a time per chat, in the order asked; a task that fails does not hold up the next. */
export function createSerial(): Core['serial'] {
  const last = new Map<ChatId, Promise<unknown>>()
  return (chat, task) => {
    const done = (last.get(chat) ?? Promise.resolve()).then(task, task)
    last.set(chat, done)
    return done
  }
}
