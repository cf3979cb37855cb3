import { writeFileSync } from 'node:fs'
import type { AccountState } from '@quintet/identity'
import { policyCases } from './policy-cases.ts'
import { type VectorAccount, writeAccount, writeCase } from './policy-vector.ts'

/** Writes protocol/vectors/commit-policy.json anew: `node packages/client/test/make-policy-vectors.ts`. A change of it is a decision. */
const names = new Map<AccountState, string>()
const accounts: Record<string, VectorAccount> = {}

function nameOf(state: AccountState): string {
  const known = names.get(state)
  if (known !== undefined) return known
  const name = `account ${names.size + 1}`
  names.set(state, name)
  accounts[name] = writeAccount(state)
  return name
}

const cases = policyCases.map(({ name, input, verdict }) =>
  writeCase(name, verdict, input, [...input.accounts.values()].map(nameOf)),
)
const about =
  'Commits and what every device says of them (rules C3-C7, C10, C11). Bytes are hex. `verdict` is allowed, need-logs, or why it is refused.'
const path = new URL('../../../protocol/vectors/commit-policy.json', import.meta.url)
writeFileSync(path, `${JSON.stringify({ about, accounts, cases }, null, 1)}\n`)
