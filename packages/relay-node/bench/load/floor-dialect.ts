import type { Dialect } from './dialect.ts'
import { ackBytes, appendBytes, call, helloBytes } from './floor-frames.ts'
import { clientFrame } from './line.ts'
import { messageBytes } from './plan.ts'
import { template } from './template.ts'

export function floorDialect(): Dialect {
  return {
    path: '/',
    enter(line, index, device) {
      return new Promise((resolve) => {
        line.onFrame = () => resolve(new Map())
        line.send(clientFrame(helloBytes(index, device.chats)))
      })
    },
    template(chat) {
      const payload = appendBytes(0, chat, new Uint8Array(messageBytes))
      return template(payload, payload.length, (patch, id) => patch.u32(1, id))
    },
    // One cursor a device and second.
    ack: (_id, cursors) => clientFrame(ackBytes(cursors[0]?.chat ?? 0, cursors[0]?.seq ?? 0)),
    hear: (bytes, start) =>
      bytes[start] === call.entry ? 'entry' : bytes[start] === call.answer ? 'appended' : 'other',
    seqOf: (bytes, start) => bytes.readUInt32BE(start + 5),
  }
}
