/** What every adapter of the client's ports must do; each platform's tests run it over its own. */
import { describe, expect, test } from 'vitest'
import { type Clock, type Database, DatabaseError, type Random, type Row, type Transport } from './ports.ts'

/** Databases at the same `path` see each other's rows; `undefined` = a fresh one. */
export interface DatabasePlace {
  open(): Database
  /** Closes what is open and removes the files. */
  remove(): void
}

export function databaseContract(name: string, place: () => DatabasePlace): void {
  function withDatabase(work: (db: Database, reopen: () => Database) => void): void {
    const at = place()
    let db = at.open()
    try {
      db.script('create table note (id integer primary key, text text, body blob) strict; create table other (x any)')
      work(db, () => {
        db.close()
        db = at.open()
        return db
      })
    } finally {
      db.close()
      at.remove()
    }
  }

  describe(`${name} as a database`, () => {
    test('gives back what was written, of every kind', () => {
      withDatabase((db) => {
        const body = Uint8Array.of(0, 255, 7)
        expect(db.run('insert into note values (?, ?, ?)', 1, 'ünï\u0000cödé 🎻', body)).toBe(1)
        expect(db.run('insert into note values (?, ?, ?)', Number.MAX_SAFE_INTEGER, null, new Uint8Array(0))).toBe(1)
        const row = db.get('select * from note where id = ?', 1)
        expect(row?.['text']).toBe('ünï\u0000cödé 🎻')
        expect(bytesIn(row)).toEqual([0, 255, 7])
        const last = db.get('select * from note where text is null')
        expect(last?.['id']).toBe(Number.MAX_SAFE_INTEGER)
        expect(last?.['text']).toBeNull()
        expect(last?.['body']).toHaveLength(0)
        db.run('insert into other values (?)', 0.5)
        expect(db.get('select x from other')?.['x']).toBe(0.5)
      })
    })

    test('a view of a larger array is stored as the view alone', () => {
      withDatabase((db) => {
        const whole = Uint8Array.of(1, 2, 3, 4, 5)
        db.run('insert into note values (1, null, ?)', whole.subarray(1, 3))
        expect(bytesIn(db.get('select body from note'))).toEqual([2, 3])
      })
    })

    test('answers undefined and an empty list when nothing matches, and counts changes', () => {
      withDatabase((db) => {
        expect(db.get('select * from note where id = ?', 9)).toBeUndefined()
        expect(db.all('select * from note')).toEqual([])
        for (const id of [3, 1, 2]) db.run('insert into note (id) values (?)', id)
        expect(db.all('select id from note order by id').map((row) => row['id'])).toEqual([1, 2, 3])
        expect(db.run('update note set text = ? where id > ?', 'x', 1)).toBe(2)
        expect(db.run('delete from note where id = ?', 77)).toBe(0)
      })
    })

    test('what a transaction wrote is there after opening again', () => {
      withDatabase((db, reopen) => {
        expect(db.transaction(() => db.run('insert into note (id) values (4)'))).toBe(1)
        expect(reopen().get('select count(*) as n from note')?.['n']).toBe(1)
      })
    })

    test('nothing of a failed transaction stays, and the next one works', () => {
      withDatabase((db, reopen) => {
        const cause = new RangeError('the caller gave up')
        const failing = () =>
          db.transaction(() => {
            db.run('insert into note (id) values (1)')
            throw cause
          })
        expect(failing).toThrow(cause)
        const broken = () =>
          db.transaction(() => {
            db.run('insert into note (id) values (2)')
            db.run('insert into note (id) values (2)')
          })
        expect(broken).toThrow(DatabaseError)
        db.transaction(() => db.run('insert into note (id) values (3)'))
        expect(
          reopen()
            .all('select id from note')
            .map((row) => row['id']),
        ).toEqual([3])
      })
    })

    test('a transaction within a transaction is refused, and the outer one is undone', () => {
      withDatabase((db) => {
        const nested = () =>
          db.transaction(() => {
            db.run('insert into note (id) values (1)')
            db.transaction(() => undefined)
          })
        expect(nested).toThrow()
        expect(db.get('select count(*) as n from note')?.['n']).toBe(0)
      })
    })

    test('every failure is a DatabaseError of kind failed when it is nothing worse', () => {
      withDatabase((db) => {
        for (const wrong of [
          () => db.run('insert into nowhere values (1)'),
          () => db.get('selec 1'),
          () => db.all('select * from note where id = ?', 1, 2),
          () => db.script('create table note (x)'),
          () => db.run('insert into note (id, text) values (1, ?)', Uint8Array.of(1)),
        ]) {
          expect(kindOf(wrong)).toBe('failed')
        }
      })
    })

    test('the same statement may run again and again, with other parameters', () => {
      withDatabase((db) => {
        for (let id = 1; id <= 500; id++) db.run('insert into note (id, text) values (?, ?)', id, `n${id}`)
        for (let id = 1; id <= 500; id++) {
          expect(db.get('select text from note where id = ?', id)?.['text']).toBe(`n${id}`)
          expect(db.get(`select ${id} as n`)?.['n']).toBe(id)
        }
      })
    })

    test('a schema that changes under a statement harms nothing', () => {
      withDatabase((db) => {
        db.run('insert into note (id) values (1)')
        expect(Object.keys(db.get('select * from note') ?? {})).toEqual(['id', 'text', 'body'])
        db.script('alter table note add column more text')
        expect(Object.keys(db.get('select * from note') ?? {})).toEqual(['id', 'text', 'body', 'more'])
      })
    })

    test('closed twice is closed; used after that, it says so', () => {
      const at = place()
      const db = at.open()
      db.close()
      db.close()
      expect(kindOf(() => db.get('select 1'))).toBe('failed')
      at.remove()
    })
  })
}

function bytesIn(row: Row | undefined): readonly number[] | undefined {
  const body = row?.['body']
  return body instanceof Uint8Array ? [...body] : undefined
}

function kindOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof DatabaseError) return error.kind
    throw error
  }
  return 'no failure'
}

/** Somebody to talk to over a transport. */
export interface Peer {
  readonly url: string
  /** Nobody answers here. */
  readonly deadUrl: string
  /** What arrived from clients so far, in order. */
  readonly heard: readonly Uint8Array[]
  /** Resolves when `heard` has that many. */
  hears(count: number): Promise<void>
  /** To every client. */
  send(bytes: Uint8Array): void
  /** Ends every connection, without ceremony. */
  drop(): void
  end(): Promise<void>
}

function gate(): { readonly passed: Promise<void>; open(): void } {
  let open = (): void => undefined
  const passed = new Promise<void>((done) => {
    open = done
  })
  return { passed, open: () => open() }
}

export function transportContract(name: string, transport: Transport, startPeer: () => Promise<Peer>): void {
  interface Talk {
    readonly opened: Promise<void>
    readonly closed: Promise<void>
    readonly events: string[]
    readonly frames: Uint8Array[]
    frame(count: number): Promise<void>
  }
  function talk(url: string): { socket: ReturnType<Transport['open']>; it: Talk } {
    const opened = gate()
    const closed = gate()
    const events: string[] = []
    const frames: Uint8Array[] = []
    const waiting: { count: number; done: () => void }[] = []
    const socket = transport.open(url, {
      opened: () => {
        events.push('opened')
        opened.open()
      },
      frame: (bytes) => {
        frames.push(bytes)
        for (const one of waiting) if (frames.length >= one.count) one.done()
      },
      closed: () => {
        events.push('closed')
        closed.open()
      },
    })
    const frame = (count: number) =>
      new Promise<void>((done) => (frames.length >= count ? done() : waiting.push({ count, done })))
    return { socket, it: { opened: opened.passed, closed: closed.passed, events, frames, frame } }
  }
  async function withPeer(work: (peer: Peer) => Promise<void>): Promise<void> {
    const peer = await startPeer()
    try {
      await work(peer)
    } finally {
      await peer.end()
    }
  }

  describe(`${name} as a transport`, () => {
    test('frames arrive whole and in order, both ways, large ones too', () =>
      withPeer(async (peer) => {
        const { socket, it } = talk(peer.url)
        await it.opened
        const large = new Uint8Array(1_000_000).map((_, at) => at % 251)
        for (const bytes of [Uint8Array.of(1), large, new Uint8Array(0), Uint8Array.of(2, 3)]) socket.send(bytes)
        await peer.hears(4)
        expect(peer.heard.map((bytes) => bytes.length)).toEqual([1, 1_000_000, 0, 2])
        expect(peer.heard[1]?.[777]).toBe(777 % 251)
        for (const bytes of [large, Uint8Array.of(9)]) peer.send(bytes)
        await it.frame(2)
        expect(it.frames.map((bytes) => bytes.length)).toEqual([1_000_000, 1])
        expect(it.frames[0]?.[999_999]).toBe(999_999 % 251)
        socket.close()
        await it.closed
      }))

    test('closing is told once, and nothing is sent or told after it', () =>
      withPeer(async (peer) => {
        const { socket, it } = talk(peer.url)
        await it.opened
        socket.close()
        socket.close()
        await it.closed
        socket.send(Uint8Array.of(1))
        const second = talk(peer.url)
        await second.it.opened
        second.socket.send(Uint8Array.of(2))
        await peer.hears(1)
        expect([...(peer.heard[0] ?? [])]).toEqual([2])
        expect(it.events).toEqual(['opened', 'closed'])
        second.socket.close()
        await second.it.closed
      }))

    test('a dropped connection is told', () =>
      withPeer(async (peer) => {
        const { it } = talk(peer.url)
        await it.opened
        peer.drop()
        await it.closed
        expect(it.events).toEqual(['opened', 'closed'])
      }))

    test('a socket that never opened is told closed, once', () =>
      withPeer(async (peer) => {
        const { socket, it } = talk(peer.deadUrl)
        await it.closed
        socket.close()
        expect(it.events).toEqual(['closed'])
      }))

    test('closed before it opened, it never opens', () =>
      withPeer(async (peer) => {
        const { socket, it } = talk(peer.url)
        socket.close()
        await it.closed
        expect(it.events).toEqual(['closed'])
      }))
  })
}

export function clockContract(name: string, clock: Clock): void {
  test(`${name} calls a task once, and not at all when it was cancelled`, async () => {
    const before = clock.now()
    expect(Number.isInteger(before)).toBe(true)
    const calls: string[] = []
    const cancel = clock.after(1, () => calls.push('cancelled'))
    cancel()
    await new Promise<void>((done) => {
      const stop = clock.after(5, () => {
        calls.push('kept')
        done()
      })
      expect(calls).toEqual([])
      void stop
    })
    expect(calls).toEqual(['kept'])
    expect(clock.now()).toBeGreaterThanOrEqual(before)
  })
}

export function randomContract(name: string, random: Random): void {
  test(`${name} gives as many bytes as asked, never the same`, () => {
    expect(random.bytes(0)).toHaveLength(0)
    expect(random.bytes(100_000)).toHaveLength(100_000)
    const seen = new Set(Array.from({ length: 200 }, () => String(random.bytes(16))))
    expect(seen.size).toBe(200)
  })
}
