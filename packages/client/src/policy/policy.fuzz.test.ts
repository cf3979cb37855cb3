import { hexOf } from '@quintet/domain'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostile } from '../../../../scripts/fuzz/hostile.ts'
import { Outcomes, runs } from '../../../../scripts/fuzz/runs.ts'
import { policyCases } from '../../test/policy-cases.ts'
import { judgeCommit } from './judge-commit.ts'
import { decodePolicy, encodePolicy } from './policy.ts'

const inputs = policyCases.map(({ input }) => input)
const policies = inputs.flatMap(({ commit }) => [commit.policyBefore, commit.policyAfter])
const aads = inputs.map(({ commit }) => commit.aad)

test('a policy is read whole or not at all, and what is read is what was written', () => {
  const outcomes = new Outcomes()
  fc.assert(
    fc.property(hostile(policies), (bytes) => {
      const policy = decodePolicy(bytes)
      outcomes.note(policy?.kind ?? 'none')
      if (policy === undefined) return
      const again = decodePolicy(encodePolicy(policy))
      expect(again).toEqual(policy)
      expect(policy.members.size).toBeGreaterThan(0)
    }),
    runs(2500),
  )
  for (const seen of ['none', 'group', 'direct']) expect(outcomes.count(seen), seen).toBeGreaterThan(0)
})

test('whatever stands in a commit, the judgement is a verdict, the same every time, and never kinder than before', () => {
  const outcomes = new Outcomes()
  const where = fc.constantFrom('aad', 'policyBefore', 'policyAfter', 'credential', 'key', 'nothing')
  const bytesFor = hostile([...aads, ...policies, ...inputs.map(({ commit }) => commit.committer.credential)])
  fc.assert(
    fc.property(fc.nat(inputs.length - 1), where, bytesFor, (at, place, bytes) => {
      const input = inputs[at]
      if (input === undefined) return
      const { commit } = input
      const leaf = {
        ...commit.committer,
        ...(place === 'credential' && { credential: bytes }),
        ...(place === 'key' && { signatureKey: bytes }),
      }
      const spoilt =
        place === 'aad' || place === 'policyBefore' || place === 'policyAfter'
          ? { ...commit, [place]: bytes }
          : { ...commit, committer: leaf }
      const verdict = judgeCommit({ ...input, commit: spoilt })
      outcomes.note(verdict.kind === 'refused' ? verdict.refusal : verdict.kind)
      expect(judgeCommit({ ...input, commit: spoilt })).toEqual(verdict)
      // A device whose key or credential is another than its log says is never one whose commit counts.
      const forged = place === 'key' && hexOf(bytes) !== hexOf(commit.committer.signatureKey)
      if (forged) expect(verdict.kind).not.toBe('allowed')
    }),
    runs(1500),
  )
  for (const seen of ['allowed', 'aad-malformed', 'policy-malformed', 'committer-invalid', 'delta-differs'])
    expect(outcomes.count(seen), seen).toBeGreaterThan(0)
})
