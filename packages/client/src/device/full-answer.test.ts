import { bytesOf } from '@quintet/domain'
import { expect, test } from 'vitest'
import { alice, bob, carol } from '../../test/people.ts'
import { createScriptedCore } from '../../test/scripted-core.ts'
import { refresh } from './directory.ts'

test('logs that did not fit into the answer are asked for again; a relay that gives none is not asked for ever', async () => {
  const wanted = [alice, bob, carol]
  let given = 1
  const { core, asked } = createScriptedCore({
    answer: () => {
      const accounts = wanted.slice(asked.length - 1, asked.length - 1 + given)
      return {
        logs: accounts.map((account) => ({ account: bytesOf(account), entries: [], statements: [], unknown: true })),
      }
    },
  })
  await refresh(core, wanted)
  expect(asked.map(({ name }) => name)).toEqual(['logs', 'logs', 'logs'])
  given = 0
  asked.length = 0
  await refresh(core, wanted)
  expect(asked.length).toBe(1)
})
