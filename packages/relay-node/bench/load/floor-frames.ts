/** The floor's frames: one byte says what it is, numbers are 4 bytes. */
export const call = { hello: 1, append: 2, ack: 3, fetch: 4, answer: 5, entry: 6 } as const

function frame(kind: number, ...numbers: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(1 + 4 * numbers.length)
  bytes[0] = kind
  for (const [at, number] of numbers.entries()) bytes.writeUInt32BE(number, 1 + 4 * at)
  return bytes
}

export const helloBytes = (device: number, chats: readonly number[]): Buffer => frame(call.hello, device, ...chats)
export const ackBytes = (chat: number, seq: number): Buffer => frame(call.ack, chat, seq)
export const fetchBytes = (chat: number, after: number): Buffer => frame(call.fetch, chat, after)
export const answerBytes = (id: number, seq: number): Buffer => frame(call.answer, id, seq)

export function appendBytes(id: number, chat: number, body: Uint8Array): Buffer {
  return Buffer.concat([frame(call.append, id, chat), body])
}

export function entryFrame(chat: number, seq: number, body: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(9 + body.length)
  bytes[0] = call.entry
  bytes.writeUInt32BE(chat, 1)
  bytes.writeUInt32BE(seq, 5)
  bytes.set(body, 9)
  return bytes
}
