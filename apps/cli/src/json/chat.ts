import type { ChatView } from '@quintet/client-node'
import { messageJson } from './message.ts'

/** A chat as docs/cli.md promises it; `held` stands there only while nothing can be sent. */
export function chatJson(chat: ChatView): object {
  return {
    chat: chat.chat,
    kind: chat.kind,
    title: chat.title,
    with: chat.with,
    unread: chat.unread,
    request: chat.request,
    last: chat.last === undefined ? null : messageJson(chat.last),
    ...(chat.held === undefined ? {} : { held: chat.held }),
  }
}
