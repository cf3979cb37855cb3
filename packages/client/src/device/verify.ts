import { safetyWords } from '@quintet/crypto'
import type { AccountId } from '@quintet/domain'
import type { Core } from '../core.ts'

/** Twelve words that are the same for both of two accounts, whatever their devices (D13). */
export function verifyWords(core: Core, account: AccountId): readonly string[] {
  return safetyWords(core.mustOwn().account, account)
}
