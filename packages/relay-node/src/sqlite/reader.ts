import type { Database } from './database.ts'
import { type Call, type Outcome, readOperations } from './operations.ts'
import type { ReadContext } from './read-chats.ts'
import { failure } from './writer.ts'

type Operation = (context: ReadContext, argument: unknown) => unknown
const operations = new Map<string, Operation>(Object.entries(readOperations as unknown as Record<string, Operation>))

/** Runs one read in one snapshot. */
export function runRead(db: Database, call: Call): Outcome {
  const operation = operations.get(call.name)
  if (operation === undefined) return { ok: false, code: 'unavailable', detail: 'no such operation' }
  try {
    db.exec('BEGIN')
    try {
      return { ok: true, value: operation({ db }, call.argument) }
    } finally {
      db.exec('COMMIT')
    }
  } catch (error) {
    return failure(error)
  }
}
