import type { Device, World } from '@quintet/testkit'
import { bytesOf, type ChatId, sameBytes } from '@quintet/domain'
import {
  type Append,
  create,
  type Entry,
  EntrySchema,
  FailureCode,
  type Frame,
  FrameSchema,
  type MessageInitShape,
  protocolVersion,
  type Request,
  type ResponseSchema,
} from '@quintet/wire'
import { expect } from 'vitest'

type FrameKind = NonNullable<MessageInitShape<typeof FrameSchema>['kind']>
type Result = NonNullable<MessageInitShape<typeof ResponseSchema>['result']>

const frame = (kind: FrameKind): Frame => create(FrameSchema, { kind })

/** A push of one entry, as a relay sends it. */
export function entryPush(chat: ChatId, entry: Entry): Frame {
  const kind = { case: 'entry', value: { chat: bytesOf(chat), entry } } as const
  return frame({ case: 'push', value: { kind } })
}

/** Entries of one chat that the relay pushes to a device from now on, in order. */
export function overhear(world: World, device: Device, chat: ChatId): readonly Entry[] {
  const heard: Entry[] = []
  world.relay.tamper((seen) => {
    const { kind } = seen.frame
    if (seen.direction !== 'to-device' || seen.device !== device.name || kind.case !== 'push') return undefined
    const push = kind.value.kind
    if (push.case === 'entry' && push.value.entry && sameBytes(push.value.chat, bytesOf(chat)))
      heard.push(push.value.entry)
    return undefined
  })
  return heard
}

export interface Fooled {
  /** What it has sent into chats, which reached nobody. */
  readonly appended: readonly Append[]
  /** Hands it one more entry of a chat, with the next number that it has not seen. */
  feed(chat: ChatId, entry: Entry): void
}

/** From now on a lying relay lets a device believe that all is well: nothing it was told of later reaches it by itself. */
export function fool(world: World, device: Device): Fooled {
  const appended: Append[] = []
  const logs = new Map<ChatId, Entry[]>()
  const incarnation = world.relay.relay?.incarnation ?? expect.unreachable('a relay runs')
  const cursor = (chat: ChatId) =>
    Number(device.database.get('select cursor from chat where chat = ?', chat)?.['cursor'] ?? 0)
  const nextSeq = new Map<ChatId, number>()
  const take = (chat: ChatId): number => {
    const seq = Math.max(nextSeq.get(chat) ?? 0, cursor(chat)) + 1
    nextSeq.set(chat, seq)
    return seq
  }
  // It goes on naming every chat that the device is in: one that it names no more is one that the device is out of.
  const inside = device.client.chats().map((one) => ({ chat: bytesOf(one.chat), inRoster: true }))
  const answer = ({ call }: Request): Result => {
    if (call.case === 'append') {
      appended.push(call.value)
      const seq = BigInt(take(chatOf(device, call.value.chat)))
      return { case: 'appended', value: { seq, atMs: BigInt(world.now()) } }
    }
    if (call.case === 'fetch') {
      const { after } = call.value
      const entries = (logs.get(chatOf(device, call.value.chat)) ?? []).filter((entry) => entry.seq > after)
      const headSeq = entries.at(-1)?.seq ?? after
      return { case: 'fetched', value: { chat: call.value.chat, entries, headSeq } }
    }
    if (call.case === 'authenticate') return { case: 'authenticated', value: {} }
    if (call.case === 'sync') return { case: 'sync', value: { relayTimeMs: BigInt(world.now()), chats: inside } }
    if (call.case !== undefined && ['ping', 'ack', 'setDelivered'].includes(call.case))
      return { case: 'done', value: {} }
    return { case: 'failure', value: { code: FailureCode.UNAVAILABLE } }
  }
  world.relay.takeOver(device, {
    greet: () => [
      frame({
        case: 'greeting',
        value: {
          protocolMin: protocolVersion,
          protocolMax: protocolVersion,
          incarnation,
          challenge: new Uint8Array(32),
          relayTimeMs: BigInt(world.now()),
        },
      }),
    ],
    receive({ kind }) {
      if (kind.case !== 'request') return []
      return [frame({ case: 'response', value: { id: kind.value.id, result: answer(kind.value) } })]
    },
  })
  return {
    appended,
    feed(chat, entry) {
      const given = create(EntrySchema, { ...entry, seq: BigInt(take(chat)) })
      logs.set(chat, [...(logs.get(chat) ?? []), given])
      world.relay.inject(device, entryPush(chat, given))
    },
  }
}

function chatOf(device: Device, bytes: Uint8Array): ChatId {
  const found = device.client.chats().find((one) => sameBytes(bytesOf(one.chat), bytes))
  return found?.chat ?? expect.unreachable('it writes to a chat that it shows')
}
