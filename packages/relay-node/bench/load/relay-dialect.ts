import { parseChatBytes } from '@quintet/domain'
import { fakeMessage } from '@quintet/relay/testing'
import { create, FrameSchema, fromBinary, type MessageInitShape, type RequestSchema, toBinary } from '@quintet/wire'
import type { Dialect } from './dialect.ts'
import { clientFrame } from './line.ts'
import { messageBytes, type Plan } from './plan.ts'
import { template } from './template.ts'

type Call = NonNullable<MessageInitShape<typeof RequestSchema>['call']>
type Sign = (device: number, incarnation: Uint8Array, challenge: Uint8Array) => Promise<Uint8Array>

/** Five bytes long as varints, so that every other number finds room in their place. */
const anyId = 0xf0f0f0f0
const anyN = 0xe1e1e1e1

function requestBytes(id: number, call: Call): Uint8Array {
  return toBinary(FrameSchema, create(FrameSchema, { kind: { case: 'request', value: { id, call } } }))
}

function placeOf(bytes: Uint8Array, number: number): number {
  const varint = [0, 7, 14, 21, 28].map((shift) => (shift < 28 ? ((number >>> shift) & 0x7f) | 0x80 : number >>> 28))
  const at = Buffer.from(bytes).indexOf(Uint8Array.from(varint))
  if (at < 0) throw new RangeError('the number is in the frame')
  return at
}

/** A message of `messageBytes`: the outside is what the relay reads, the inside is nothing. */
function messageOf(id: Uint8Array): Uint8Array {
  const chat = parseChatBytes(id)
  if (chat === undefined) throw new RangeError('32 bytes are a chat id')
  const outside = fakeMessage(chat, 1n, 'x'.repeat(900)).length - 900
  return fakeMessage(chat, 1n, 'x'.repeat(messageBytes - outside))
}

/** `sign` answers a challenge with the device's key. */
export function relayDialect(plan: Plan, sign: Sign): Dialect {
  const chatId = (chat: number): Uint8Array => plan.chats[chat]?.id ?? new Uint8Array()
  const places = new Map(plan.chats.map(({ id }, at) => [Buffer.from(id).toString('hex'), at]))
  const placeOfChat = (id: Uint8Array): number => places.get(Buffer.from(id).toString('hex')) ?? -1
  return {
    path: '/v1/socket',
    enter(line, index, { account, device }) {
      return new Promise((resolve, reject) => {
        line.onFrame = (bytes, start, end) => {
          const { kind } = fromBinary(FrameSchema, bytes.subarray(start, end))
          if (kind.case === 'greeting') {
            const { incarnation, challenge } = kind.value
            const send = (signature: Uint8Array): void => {
              const value = { protocol: 1, account, device, signature }
              line.send(clientFrame(requestBytes(1, { case: 'authenticate', value })))
            }
            sign(index, incarnation, challenge).then(send, reject)
          } else if (kind.case === 'response') {
            const { result } = kind.value
            if (result.case === 'authenticated') line.send(clientFrame(requestBytes(2, { case: 'sync', value: {} })))
            else if (result.case === 'sync') {
              resolve(new Map(result.value.chats.map((chat) => [placeOfChat(chat.chat), Number(chat.lastN)])))
            } else if (result.case === 'failure') {
              reject(new Error(`the relay does not let the device in: ${result.value.message}`))
            } else reject(new Error('the relay answers what was asked'))
          }
        }
      })
    },
    template(chat) {
      const id = chatId(chat)
      const message = messageOf(id)
      const value = { chat: id, epoch: 1n, n: BigInt(anyN), message, content: true }
      const payload = requestBytes(anyId, { case: 'append', value })
      const [idAt, nAt] = [placeOf(payload, anyId), placeOf(payload, anyN)]
      // After the message stands `content` alone: two bytes.
      return template(payload, payload.length - 2, (patch, request, n) => {
        patch.varint(idAt, request)
        patch.varint(nAt, n)
      })
    },
    ack(id, cursors) {
      const all = cursors.map(({ chat, seq }) => ({ chat: chatId(chat), seq: BigInt(seq) }))
      return clientFrame(requestBytes(id, { case: 'ack', value: { cursors: all } }))
    },
    hear(bytes, start, end) {
      if (bytes[start] === 0x22) return end - start > messageBytes ? 'entry' : 'other' // push = 4
      if (bytes[start] !== 0x1a) return 'other' // response = 3
      let at = start + 3 // its length is below 128, then the id's tag
      while ((bytes[at] ?? 0) >= 0x80) at++
      const result = bytes[at + 1]
      return result === 0x5a ? 'appended' : result === 0x12 ? 'refused' : 'other' // appended = 11, failure = 2
    },
    seqOf(bytes, start) {
      // Frame{push{entry{chat, entry{seq …}}}}: tags, lengths of two bytes, and the chat's id come before.
      let at = start + 44
      if (bytes[at - 1] !== 0x08) throw new RangeError('an entry begins with its seq')
      let [seq, factor] = [0, 1]
      for (;;) {
        const byte = bytes[at++] ?? 0
        seq += (byte & 0x7f) * factor
        if (byte < 0x80) return seq
        factor *= 128
      }
    },
  }
}
