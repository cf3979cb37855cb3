import { bytesOf, type AccountId, type DeviceId } from '@quintet/domain'
import { EntryKind, type EntrySchema, type MessageInitShape } from '@quintet/wire'
import { pushFrame } from '../answer.ts'
import type { StoredEntry } from '../ports/chat-store.ts'
import type { RelayCore } from '../relay-core.ts'
import type { LiveChat } from './live-chat.ts'

export function wireEntry(entry: StoredEntry): MessageInitShape<typeof EntrySchema> {
  return {
    seq: BigInt(entry.seq),
    atMs: BigInt(entry.atMs),
    epoch: BigInt(entry.epoch),
    kind: entry.kind === 'commit' ? EntryKind.COMMIT : EntryKind.MESSAGE,
    content: entry.content,
    device: bytesOf(entry.device),
    n: BigInt(entry.n),
    message: entry.message,
  }
}

/**
 * Pushes an entry that is on disk to every connected device of the roster, its sender included:
 * each sees the whole log in order. `leaving` are devices that this very commit took out; it is the last they hear.
 * `roster` is whom a commit leaves to be delivered to (R2).
 */
export function deliver(
  core: RelayCore,
  chat: LiveChat,
  entry: StoredEntry,
  commit?: { readonly leaving: readonly DeviceId[]; readonly roster: NonNullable<LiveChat['rosterDigest']> },
): void {
  let frame: Uint8Array | undefined
  let pushed = 0
  const push = (device: DeviceId): void => {
    const listener = core.hub.device(device)
    if (listener === undefined) return
    frame ??= pushFrame({
      case: 'entry',
      value: { chat: chat.bytes, entry: wireEntry(entry), ...(commit && { roster: commit.roster }) },
    })
    listener.push(frame)
    pushed++
  }
  for (const member of chat.leaves) {
    if (member === undefined || chat.intents.has(member.account)) continue
    if (member.joinSeq < entry.seq) push(member.device)
  }
  for (const device of commit?.leaving ?? []) push(device)
  core.observer.count('entries-pushed', pushed)
}

/** To every connected device of the roster, those of one account excepted. */
export function tellOthers(core: RelayCore, chat: LiveChat, except: AccountId, frame: Uint8Array): void {
  for (const member of chat.leaves) {
    if (member === undefined || member.account === except || chat.intents.has(member.account)) continue
    core.hub.device(member.device)?.push(frame)
  }
}
