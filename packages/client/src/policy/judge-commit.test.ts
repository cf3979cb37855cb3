import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { policyCases } from '../../test/policy-cases.ts'
import { type PolicyVector, readCase, type VectorAccount } from '../../test/policy-vector.ts'
import type { CommitInput } from './commit-case.ts'
import { judgeCommit } from './judge-commit.ts'

function verdictOf(input: CommitInput): string {
  const judged = judgeCommit(input)
  return judged.kind === 'refused' ? judged.refusal : judged.kind
}

describe('a commit', () => {
  test.each(policyCases)('$name: $verdict', ({ input, verdict }) => {
    expect(verdictOf(input)).toBe(verdict)
  })

  test('says which logs it needs, and which intents it spent', () => {
    const find = (name: string) => policyCases.find((one) => one.name === name)?.input
    const unknown = find('a newcomer whom nobody here knows')
    const leaving = find('who wished to leave is taken out by anyone')
    if (unknown === undefined || leaving === undefined) throw new Error('the cases are named otherwise')
    const needed = judgeCommit(unknown)
    expect(needed.kind === 'need-logs' && needed.accounts).toHaveLength(1)
    const judged = judgeCommit(leaving)
    expect(judged.kind === 'allowed' && judged.spentIntents).toHaveLength(1)
    expect(
      judged.kind === 'allowed' && judgeCommit({ ...leaving, spentIntents: new Set(judged.spentIntents) }),
    ).toEqual({
      kind: 'refused',
      refusal: 'intent-invalid',
    })
  })
})

describe('the vectors', () => {
  const path = new URL('../../../../protocol/vectors/commit-policy.json', import.meta.url)
  const vectors: { accounts: Record<string, VectorAccount>; cases: readonly PolicyVector[] } = JSON.parse(
    readFileSync(path, 'utf8'),
  )

  test('hold every case', () => {
    expect(vectors.cases.map(({ name }) => name)).toEqual(policyCases.map(({ name }) => name))
  })

  test.each(vectors.cases)('$name: $verdict', (vector) => {
    expect(verdictOf(readCase(vector, vectors.accounts))).toBe(vector.verdict)
  })
})
