import { entryIdOf } from '@quintet/crypto'
import { type ChatId, type MessageId, parseMessageBytes } from '@quintet/domain'
import { BodySchema, create, type MessageInitShape, toBinary } from '@quintet/wire'
import { must } from '../assert.ts'
import type { Core } from '../core.ts'

/** Writes a body into the outbox, in the caller's transaction; it goes when the chat can be written to (M5). */
export function enqueue(
  core: Core,
  chat: ChatId,
  body: MessageInitShape<typeof BodySchema>,
  options: { readonly content: boolean },
): MessageId {
  const bytes = toBinary(BodySchema, create(BodySchema, body))
  const key = core.random.bytes(32)
  const entry = must(parseMessageBytes(entryIdOf(key, bytes)), 'an HMAC has 32 bytes')
  core.db.run(
    'insert into outbox (chat, entry, body, body_key, content, written_at) values (?, ?, ?, ?, ?, ?)',
    chat,
    entry,
    bytes,
    key,
    options.content ? 1 : 0,
    Math.trunc(core.relayNow()),
  )
  return entry
}

/** Whether it still waits for the relay. */
export function isQueued(core: Core, entry: MessageId): boolean {
  return core.db.get('select 1 as one from outbox where entry = ?', entry) !== undefined
}

/** Takes it back, if it has not been sealed yet; answers whether it could. */
export function takeBack(core: Core, entry: MessageId): boolean {
  return core.write(() => core.db.run('delete from outbox where entry = ? and n is null', entry)) > 0
}
