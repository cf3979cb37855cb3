import type { ChatView, ClientEvent } from '@quintet/client-node'
import { titleOf } from './chat.ts'
import { safe } from './safe.ts'
import { list } from './words.ts'

type ChatChange = Extract<ClientEvent, { event: 'chat' }>['change']

/** What changed in a chat, as people see it; `undefined` when only devices did. */
export function chatLine(change: ChatChange, before: ChatView, after: ChatView): string | undefined {
  const title = titleOf(after)
  switch (change) {
    case 'new':
      return after.kind === 'self' ? undefined : `New chat: ${title}`
    case 'members':
      return after.kind === 'group' ? membersLine(title, before.with, after.with) : undefined
    case 'info':
      return titleOf(before) === title ? undefined : `${titleOf(before)} is called ${title} now`
    case 'left':
      return after.kind === 'direct' ? `${title}: ${after.held ?? 'gone'}` : `You are no longer in ${title}`
    case 'held':
      return after.held === undefined ? undefined : `${title}: ${after.held}`
    case 'request':
      return `${title} is new and wants to write to you: quintet chats`
  }
}

function membersLine(title: string, before: readonly string[], after: readonly string[]): string | undefined {
  const came = after.filter((handle) => !before.includes(handle)).map(safe)
  const went = before.filter((handle) => !after.includes(handle)).map(safe)
  const parts = [
    came.length === 0 ? '' : `${list(came)} joined ${title}`,
    went.length === 0 ? '' : `${list(went)} left ${title}`,
  ].filter((part) => part !== '')
  return parts.length === 0 ? undefined : parts.join('; ')
}
