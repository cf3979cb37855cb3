import type { ChatId } from '@quintet/domain'
import type { Core } from '../core.ts'
import { join } from './join.ts'
import { chatRecord } from './record.ts'
import { orRepair } from './repair.ts'

/**
 * Runs a task in the chat's turn. Where the chat's MLS state turns out lost, it is entered anew first and the task runs
 * once more: whoever asked for something learns nothing of damage that heals (C12).
 */
export function inChat<T>(core: Core, chat: ChatId, task: () => Promise<T>): Promise<T> {
  return core.serial(chat, async () => {
    if (chatRecord(core.db, chat)?.state === 'joining') await join(core, chat, true)
    let done: { readonly value: T } | undefined
    await orRepair(core, chat, async () => {
      done = { value: await task() }
    })
    if (done !== undefined) return done.value
    await join(core, chat, false)
    return task()
  })
}
