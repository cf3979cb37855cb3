import type { AccountId } from '@quintet/domain'
import type { CommitCase } from './commit-case.ts'
import { type Refusal, refused } from './judgement.ts'
import { isAdmin, type Policy, sameFixedFields } from './policy.ts'

/** Whether the committer may turn the policy before into the policy after (C5, C6, D15). `leaving`: by valid intents. */
export function judgePolicyChange(whole: CommitCase, leaving: ReadonlySet<AccountId>): Refusal | undefined {
  const { before, after } = whole
  if (!sameFixedFields(before, after)) return refused('policy-fixed')
  return before.kind === 'group' ? judgeGroup(whole, leaving) : judgeFixed(whole)
}

/** A self or direct chat never changes, except that an account that ended is taken out of a direct one. */
function judgeFixed({ before, after, accounts }: CommitCase): Refusal | undefined {
  const gone = [...before.members.keys()].filter((account) => !after.members.has(account))
  const kept = [...after.members].every(([account, role]) => before.members.get(account) === role)
  const ended = gone.every((account) => before.kind === 'direct' && accounts.get(account)?.closed === true)
  return kept && ended && samePermissions(before, after) ? undefined : refused('policy-fixed')
}

function judgeGroup(
  { before, after, accounts, committer, atMs }: CommitCase,
  leaving: ReadonlySet<AccountId>,
): Refusal | undefined {
  const admin = isAdmin(before, committer.account)
  if (!samePermissions(before, after) && !admin) return refused('not-entitled')
  for (const [account, role] of after.members) {
    const was = before.members.get(account)
    if (was === role) continue
    const entitled = admin || (was === undefined && role === 'member' && before.add === 'members')
    if (!entitled) return refused('not-entitled', { account })
    const state = accounts.get(account)
    if (was === undefined && (state === undefined || (state.closed && state.headAtMs < atMs))) {
      return refused('account-closed', { account })
    }
  }
  for (const account of before.members.keys()) {
    if (after.members.has(account) || leaving.has(account) || accounts.get(account)?.closed === true) continue
    if (!admin) return refused('not-entitled', { account })
  }
  return keepsAdmin(before, after, (account) => accounts.get(account)?.closed === true)
    ? undefined
    : refused('last-admin')
}

/** A group that had an admin keeps one (C6), unless its admins' accounts have ended. */
function keepsAdmin(before: Policy, after: Policy, ended: (account: AccountId) => boolean): boolean {
  const admins = [...before.members.keys()].filter((account) => isAdmin(before, account) && !ended(account))
  return admins.length === 0 || [...after.members.keys()].some((account) => isAdmin(after, account))
}

function samePermissions(a: Policy, b: Policy): boolean {
  return a.add === b.add && a.editInfo === b.editInfo
}
