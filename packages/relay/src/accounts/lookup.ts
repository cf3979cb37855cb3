import { bytesOf, parseAccountBytes, parseHandle } from '@quintet/domain'
import { FailureCode, fromBinary, LogEntrySchema, type Logs, type Lookup, SignedStatementSchema } from '@quintet/wire'
import { type Answer, malformed, refuse } from '../answer.ts'
import type { RelayCore } from '../relay-core.ts'
import { handleInvalid } from './sign-up.ts'

const unknownHandle: Answer = refuse(FailureCode.UNKNOWN_HANDLE, 'Nobody here has that handle.')

/** Exactly this handle, or nobody. */
export async function lookup(core: RelayCore, call: Lookup): Promise<Answer> {
  const handle = parseHandle(call.handle)
  if (handle === undefined) return handleInvalid
  const account = await core.store.handles.find(handle)
  const live = account && (await core.accounts.get(account))
  if (!account || !live || live.state.closed) return unknownHandle
  return { case: 'lookedUp', value: { account: bytesOf(account), head: live.state.head } }
}

const maxLogs = 256
/** An answer is full beyond this: bytes. It is one frame, and a log's owner decides how long the log is. */
const fullAnswerBytes = 1024 * 1024

/**
 * Device logs are public, and asked for in one batch (D14). Answered are the first of those asked for, one at least, as
 * many as one frame takes; the others are asked for again.
 */
export async function logs(core: RelayCore, call: Logs): Promise<Answer> {
  if (call.accounts.length > maxLogs) return refuse(FailureCode.TOO_LARGE, 'Ask for at most 256 logs at once.')
  const results = []
  let bytes = 0
  for (const request of call.accounts) {
    if (bytes >= fullAnswerBytes) break
    const account = parseAccountBytes(request.account)
    if (account === undefined) return malformed('The account')
    const log = await core.store.accounts.log(account, Number(request.fromPosition))
    for (const part of [...(log?.entries ?? []), ...(log?.statements ?? [])]) bytes += part.length
    results.push({
      account: request.account,
      entries: log?.entries.map((entry) => fromBinary(LogEntrySchema, entry)) ?? [],
      statements: log?.statements.map((statement) => fromBinary(SignedStatementSchema, statement)) ?? [],
      unknown: log === undefined,
    })
  }
  return { case: 'logs', value: { logs: results } }
}
