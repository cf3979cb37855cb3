import { DatabaseError } from '@quintet/client'

/** Primary result codes of SQLite (sqlite.org/rescode.html) that mean something to us. */
const codes = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  io: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const

function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  return error.errcode & 0xff
}

/** Another process holds the lock. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error)
  return code === codes.busy || code === codes.locked
}

/** What node:sqlite or the file system threw, in the port's words. SQLite's own messages name columns, never values. */
export function databaseErrorOf(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error
  const detail = error instanceof Error ? error.message : 'unknown'
  const code = primaryCode(error)
  const isDiskFull = error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
  if (code === codes.full || isDiskFull) return new DatabaseError('full', detail)
  if (code === codes.corrupt || code === codes.notADatabase) return new DatabaseError('damaged', detail)
  if (code === codes.readOnly || code === codes.io || code === codes.cannotOpen)
    return new DatabaseError('unwritable', detail)
  return new DatabaseError('failed', detail)
}
