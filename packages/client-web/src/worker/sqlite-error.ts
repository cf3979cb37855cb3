import { DatabaseError } from '@quintet/client'

/** Primary result codes of SQLite (sqlite.org/rescode.html) that mean something to us. */
const codes = { readOnly: 8, io: 10, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 } as const

function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('resultCode' in error) || typeof error.resultCode !== 'number') return undefined
  return error.resultCode & 0xff
}

/** What SQLite threw, in the port's words. Its own messages name columns, never values. `isFull`: the browser's quota was hit. */
export function databaseErrorOf(error: unknown, isFull: boolean): DatabaseError {
  if (error instanceof DatabaseError) return error
  const detail = error instanceof Error ? error.message : 'unknown'
  const code = primaryCode(error)
  if (isFull || code === codes.full) return new DatabaseError('full', detail)
  if (code === codes.corrupt || code === codes.notADatabase) return new DatabaseError('damaged', detail)
  if (code === codes.readOnly || code === codes.io || code === codes.cannotOpen)
    return new DatabaseError('unwritable', detail)
  return new DatabaseError('failed', detail)
}
