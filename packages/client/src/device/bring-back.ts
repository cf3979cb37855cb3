import { type AccountId, bytesOf, sameBytes } from '@quintet/domain'
import { activeDevices, decodeStatement, entryHash } from '@quintet/identity'
import { type AccountLog, FailureCode } from '@quintet/wire'
import type { Core } from '../core.ts'
import { ask } from '../relay/ask.ts'
import { clientErrorOf, isFailure } from '../relay/failure.ts'
import { type CallInit, ConnectionLost, RelayFailure } from '../relay/link.ts'
import { metaText } from '../store/meta.ts'
import { accountOf } from '../store/row.ts'
import { stateOf } from './directory.ts'
import { handleOf } from './handle.ts'
import { storedEntries, storedStatement } from './log-store.ts'

/** Logs per request (relay.proto). */
const batch = 256

/**
 * Gives a relay that was restored from a backup what it lost of the logs and statements that this device knows, its own
 * account's and others', and its own handle (R9). Fails as the relay does when it is away; what it refuses is left.
 */
export async function bringBack(core: Core): Promise<void> {
  const known = core.db.all('select account from account where position >= 0').map((row) => accountOf(row, 'account'))
  for (let at = 0; at < known.length; at += batch) {
    const some = known.slice(at, at + batch)
    const logs = await logsOf(core, some, (account) => stateOf(core, account)?.head.position ?? 0n)
    const short = some.filter((_, index) => logs[index]?.unknown === false && logs[index].entries.length === 0)
    for (const account of short) await bringLog(core, account)
    // Those of devices that the relay has just learnt of are missing as well.
    await bringStatements(core, some, short.length === 0 ? logs : await logsOf(core, some, () => farPosition))
  }
  await bringHandle(core)
}

/** Beyond every log: an answer from here has the statements alone. */
const farPosition = 1_000_000n

async function logsOf(
  core: Core,
  accounts: readonly AccountId[],
  from: (account: AccountId) => bigint,
): Promise<readonly AccountLog[]> {
  const asked = accounts.map((account) => ({ account: bytesOf(account), fromPosition: from(account) }))
  return (await ask(core, 'logs', { accounts: asked }, 'logs')).logs
}

/** The entries after the relay's last one, if that is one of ours; a log that went on otherwise is left to `refresh`. */
async function bringLog(core: Core, account: AccountId): Promise<void> {
  const [log] = await logsOf(core, [account], () => 0n)
  const mine = storedEntries(core.db, account)
  const theirs = log?.entries ?? []
  const last = theirs.at(-1)
  const same = mine[theirs.length - 1]
  if (last === undefined || same === undefined || !sameBytes(entryHash(last), entryHash(same))) return
  for (const entry of mine.slice(theirs.length)) {
    const taken = await give(core, 'appendLog', { account: bytesOf(account), entry }, 'logAppended')
    if (!taken) return
  }
}

async function bringStatements(core: Core, accounts: readonly AccountId[], logs: readonly AccountLog[]): Promise<void> {
  for (const [at, account] of accounts.entries()) {
    const log = logs[at]
    const state = stateOf(core, account)
    if (log === undefined || log.unknown || state === undefined || state.closed) continue
    const theirs = new Map(
      log.statements.flatMap(({ statement }) => {
        const said = decodeStatement(statement)
        return said === undefined ? [] : [[said.device, said.counter] as const]
      }),
    )
    for (const { device } of activeDevices(state)) {
      const statement = storedStatement(core.db, account, device)
      const counter = statement && decodeStatement(statement.statement)?.counter
      if (statement !== undefined && (counter ?? 0n) > (theirs.get(device) ?? 0n))
        await give(core, 'putStatement', { statement }, 'done')
    }
  }
}

/** The name that this device gave the account, where the relay has the one before it again. */
async function bringHandle(core: Core): Promise<void> {
  const { account } = core.mustOwn()
  const mine = handleOf(core, account)
  const before = metaText(core.db, 'handle-before')
  if (mine === undefined || before === undefined || before === mine) return
  const { handles } = await ask(core, 'handlesOf', { accounts: [bytesOf(account)] }, 'handles')
  if (handles[0]?.handle === before) await give(core, 'setHandle', { handle: mine }, 'done')
}

type Gift = 'appendLog' | 'putStatement' | 'setHandle'

/** True when the relay has it now, by this device or by another that was first. */
async function give<K extends Gift>(
  core: Core,
  name: K,
  init: CallInit<K>,
  answer: 'logAppended' | 'done',
): Promise<boolean> {
  try {
    await core.relay.call(name, init, answer)
    return true
  } catch (error) {
    const mayComeLater = error instanceof ConnectionLost || isFailure(error, FailureCode.RATE_LIMITED)
    if (mayComeLater || !(error instanceof RelayFailure)) throw clientErrorOf(error)
    return isFailure(error, FailureCode.CONFLICT)
  }
}
