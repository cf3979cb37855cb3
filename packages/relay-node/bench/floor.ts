/**
 * The floor: what remains of a relay when all that makes it one is left out. A plain `ws` server that numbers blobs,
 * writes them keyed by chat and number, with each device's cursor, to SQLite FULL with group commit, answers, and fans
 * them out. It knows nobody and checks nothing. Frames: load/floor-frames.ts.
 */
import { DatabaseSync } from 'node:sqlite'
import { type WebSocket, WebSocketServer } from 'ws'
import { answerBytes, call, entryFrame } from './load/floor-frames.ts'

interface Waiting {
  readonly from: WebSocket
  readonly id: number
  readonly chat: number
  readonly device: number
  readonly body: Buffer
}

const [file = ':memory:'] = process.argv.slice(2)
const db = new DatabaseSync(file)
// As the relay has it, so that neither writes more often than the other.
db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536')
db.exec('PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY')
db.exec(`CREATE TABLE IF NOT EXISTS entries (
    key INTEGER PRIMARY KEY, chat INTEGER NOT NULL, seq INTEGER NOT NULL, device INTEGER NOT NULL, body BLOB NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS entries_log ON entries (chat, seq);
  CREATE TABLE IF NOT EXISTS cursors (
    device INTEGER NOT NULL, chat INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (device, chat)) WITHOUT ROWID`)
const insert = db.prepare('INSERT INTO entries (chat, seq, device, body) VALUES (?, ?, ?, ?)')
const keep = db.prepare('INSERT OR REPLACE INTO cursors (device, chat, seq) VALUES (?, ?, ?)')
const page = db.prepare('SELECT seq, body FROM entries WHERE chat = ? AND seq > ? ORDER BY seq')

const heads = new Map<number, number>()
for (const row of db.prepare('SELECT chat, max(seq) AS seq FROM entries GROUP BY chat').all()) {
  heads.set(Number(row['chat']), Number(row['seq']))
}
const members = new Map<number, Set<WebSocket>>()
let waiting: Waiting[] = []
let cursors: (readonly [device: number, chat: number, seq: number])[] = []
let armed = false

function flush(): void {
  armed = false
  const [batch, moved] = [waiting, cursors]
  waiting = []
  cursors = []
  db.exec('BEGIN IMMEDIATE')
  const seqs = batch.map(({ chat, device, body }) => {
    const seq = (heads.get(chat) ?? 0) + 1
    heads.set(chat, seq)
    insert.run(chat, seq, device, body)
    return seq
  })
  for (const [device, chat, seq] of moved) keep.run(device, chat, seq)
  db.exec('COMMIT')
  batch.forEach(({ from, id, chat, body }, at) => {
    const seq = seqs[at] ?? 0
    from.send(answerBytes(id, seq))
    const frame = entryFrame(chat, seq, body)
    for (const ws of members.get(chat) ?? []) if (ws !== from) ws.send(frame)
  })
}

function arm(): void {
  if (armed) return
  armed = true
  setImmediate(flush)
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
server.on('connection', (ws) => {
  let device = 0
  let chats: readonly number[] = []
  ws.on('message', (data: Buffer) => {
    switch (data[0]) {
      case call.hello: {
        device = data.readUInt32BE(1)
        chats = Array.from({ length: (data.length - 5) / 4 }, (_, at) => data.readUInt32BE(5 + at * 4))
        for (const chat of chats) members.set(chat, (members.get(chat) ?? new Set()).add(ws))
        ws.send(answerBytes(0, 0))
        break
      }
      case call.append: {
        const [id, chat] = [data.readUInt32BE(1), data.readUInt32BE(5)]
        waiting.push({ from: ws, id, chat, device, body: data.subarray(9) })
        arm()
        break
      }
      case call.ack:
        cursors.push([device, data.readUInt32BE(1), data.readUInt32BE(5)])
        arm()
        break
      case call.fetch: {
        const chat = data.readUInt32BE(1)
        for (const row of page.iterate(chat, data.readUInt32BE(5))) {
          if (row['body'] instanceof Uint8Array) ws.send(entryFrame(chat, Number(row['seq']), row['body']))
        }
        break
      }
    }
  })
  ws.on('close', () => {
    for (const chat of chats) members.get(chat)?.delete(ws)
  })
})
server.on('listening', () => {
  const address = server.address()
  if (typeof address === 'object' && address) console.log(JSON.stringify({ url: `http://127.0.0.1:${address.port}` }))
})
process.on('SIGTERM', () => {
  db.close()
  process.exit(0)
})
