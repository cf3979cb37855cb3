import { sameBytes } from '@quintet/domain'
import { type AccountState, decodeStatement, newerStatement, parseStatement } from '@quintet/identity'
import type { SignedStatement } from '@quintet/wire'
import type { Core } from '../core.ts'
import { recordFault } from '../store/fault.ts'
import { wasRestored } from './incarnation.ts'
import { storedStatement, storeStatement } from './log-store.ts'

/**
 * Keeps the newest statement of each device (D5). To be called inside a transaction.
 *
 * What an active device did not sign is dropped; a lower counter is a downgrade: recorded, and what was kept stays.
 */
export function keepStatements(
  core: Pick<Core, 'db' | 'clock' | 'relayNow'>,
  state: AccountState,
  statements: readonly SignedStatement[],
): void {
  for (const signed of statements) {
    if (isKept(core, state, signed)) continue
    const parsed = parseStatement(signed, state)
    if (!parsed.ok) continue
    const { account, device, counter } = parsed.statement
    switch (newerStatement(storedStatement(core.db, account, device), signed)) {
      case 'newer':
        storeStatement(core.db, { account, device, counter }, signed)
        break
      case 'same':
        break
      case 'downgrade':
        // A relay restored from a backup has lost the newer one (R9).
        if (!wasRestored(core)) recordFault(core.db, 'statement-downgrade', device, core.clock.now())
    }
  }
}

/** The very one that was checked when it was kept: nothing to check again. */
function isKept(core: Pick<Core, 'db'>, state: AccountState, signed: SignedStatement): boolean {
  const named = decodeStatement(signed.statement)
  const kept = named && storedStatement(core.db, state.account, named.device)
  return (
    kept !== undefined && sameBytes(kept.statement, signed.statement) && sameBytes(kept.signature, signed.signature)
  )
}
