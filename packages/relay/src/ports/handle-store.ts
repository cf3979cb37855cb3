import type { AccountId, Handle } from '@quintet/domain'

/** Who is found under which name. */
export interface HandleStore {
  /** `conflict` when another account has it, or had it and it is not free yet. Claiming one's own again is harmless. */
  claim(handle: Handle, account: AccountId, nowMs: number): Promise<void>
  /** Free for others from `freeAtMs` on; until then only for this account. Releasing another's is harmless. */
  release(handle: Handle, account: AccountId, freeAtMs: number): Promise<void>
  /** Undefined when nobody has it now. */
  find(handle: Handle): Promise<AccountId | undefined>
}
