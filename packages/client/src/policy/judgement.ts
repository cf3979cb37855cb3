import type { AccountId, DeviceId } from '@quintet/domain'
import type { AccountState } from '@quintet/identity'

/** The newest known state of each account's device log. */
export type Accounts = ReadonlyMap<AccountId, AccountState>

/** Why a commit or a group is refused (C5, C8). Whatever no rule lists is refused as well. */
export type RefusalKind =
  | 'unlisted-proposal' // C4: by reference, update, reinit, PSK, external sender, custom
  | 'aad-malformed'
  | 'policy-malformed'
  | 'delta-differs' // the roster delta is not what the proposals do (R2)
  | 'committer-invalid' // no leaf that C3 admits, or its account is not in the policy
  | 'leaf-changed' // a path that changes credential or signature key (D4)
  | 'head-forked' // names another entry at a position that is known (D11)
  | 'add-invalid' // not admitted by C3
  | 'add-expired' // outside its lifetime (C10)
  | 'device-twice' // two leaves of one device
  | 'remove-not-allowed' // none of C5's reasons
  | 'leaf-outside-policy' // a leaf whose account the policy does not name
  | 'policy-fixed' // a change of what never changes: kind, creator, suite, a self or direct chat's members
  | 'not-entitled' // a policy change that the committer's role does not allow
  | 'account-closed' // adds an account that has ended (D15)
  | 'last-admin' // would leave the others without an admin (C6)
  | 'intent-invalid' // a leave intent that proves nothing, was spent, or is not carried out whole
  | 'external-not-alone' // an external commit that does more than join or resync
  | 'below-floor' // C8
  | 'floor-differs' // the floor's epoch with another history
  | 'unknown-member' // an account that the floor does not list and no commit brought in

export interface Refusal {
  readonly kind: 'refused'
  readonly refusal: RefusalKind
  /** Whom it is about, if anyone in particular. */
  readonly account?: AccountId
  readonly device?: DeviceId
}

/** Logs without which nothing can be said: fetch (at least up to what the commit names), then judge again. */
export interface NeedLogs {
  readonly kind: 'need-logs'
  readonly accounts: readonly AccountId[]
}

export function refused(
  refusal: RefusalKind,
  about: { readonly account?: AccountId; readonly device?: DeviceId } = {},
): Refusal {
  const { account, device } = about
  return { kind: 'refused', refusal, ...(account && { account }), ...(device && { device }) }
}
