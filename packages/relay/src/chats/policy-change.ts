import type { AccountId } from '@quintet/domain'
import type { PolicyView } from './chat-policy.ts'

/** What else a change of the policy is judged by. */
export interface PolicyChange {
  readonly by: AccountId
  /** Who wishes to leave (C6). */
  readonly leaving: { has(account: AccountId): boolean }
  /** Accounts that have ended (D15). */
  readonly ended: ReadonlySet<AccountId>
}

/**
 * Why this account may not change a chat's policy so (C5); undefined when it may.
 *
 * Members judge every commit anyway. But the relay counts by the policy who is in a chat and who lets it go on (C13): if
 * it took one that all members refuse, whoever made it could shut the others out of the successor.
 */
export function policyChangeFault(before: PolicyView, after: PolicyView, how: PolicyChange): string | undefined {
  const { by, leaving, ended } = how
  if (before.kind === 'group' && before.admins.has(by)) return undefined
  if (before.membersAdd !== after.membersAdd || before.membersEdit !== after.membersEdit)
    return 'Only an admin changes who may do what.'
  const stays = (account: AccountId) => after.accounts.has(account)
  if ([...before.accounts].some((account) => !(stays(account) || leaving.has(account) || ended.has(account))))
    return 'Only an admin takes somebody out.'
  const same = [...after.accounts].every(
    (account) =>
      after.admins.has(account) === before.admins.has(account) &&
      (before.accounts.has(account) || (before.kind === 'group' && before.membersAdd)),
  )
  return same ? undefined : 'Only an admin takes somebody in or gives a role.'
}
