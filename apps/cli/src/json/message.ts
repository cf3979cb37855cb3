import type { MessageView } from '@quintet/client-node'

/** A message as docs/cli.md promises it. */
export function messageJson(message: MessageView): object {
  return {
    chat: message.chat,
    seq: message.seq ?? null,
    id: message.id,
    at: message.at,
    from: message.from,
    device: message.device,
    text: message.deleted ? null : (message.text ?? null),
    tick: message.tick ?? null,
    edited: message.edited,
    deleted: message.deleted,
    replyTo: message.replyTo ?? null,
    reactions: message.reactions,
    ...(message.unknown ? { unknown: true } : {}),
    ...(message.folded === true ? { folded: true } : {}),
  }
}
