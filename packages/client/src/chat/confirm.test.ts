import { bytesOf } from '@quintet/domain'
import { create, EpochConfirmSchema } from '@quintet/wire'
import { expect, test } from 'vitest'
import { alice, aliceLaptop, alicePhone, chatId } from '../../test/people.ts'
import { createScriptedCore } from '../../test/scripted-core.ts'
import type { Core } from '../core.ts'
import { heardConfirm, noteEpoch } from './confirm.ts'
import { addChat, chatRecord, setChat } from './record.ts'

const chat = chatId(1)
const self = chatId(2)
const same = new Uint8Array(32).fill(1)
const other = new Uint8Array(32).fill(2)

/** Alice's phone in a group at epoch 5, held for a reason or not. */
function phone(held: string | null) {
  const script = createScriptedCore({ answer: () => expect.unreachable('nothing is asked') })
  const core: Core = { ...script.core, mustOwn: () => ({ account: alice, device: alicePhone, position: 0n }) }
  addChat(core.db, self, 'self', 'active', 0)
  addChat(core.db, chat, 'group', 'active', 0)
  setChat(core.db, chat, { epoch: 5, held })
  noteEpoch(core, chat, { epoch: 5n, epochAuthenticator: same })
  const says = (epoch: number, authenticator: Uint8Array, request = false, by = aliceLaptop) =>
    heardConfirm(
      core,
      by,
      create(EpochConfirmSchema, { chat: bytesOf(chat), epoch: BigInt(epoch), authenticator, request }),
    )
  return {
    core,
    says,
    held: () => chatRecord(core.db, chat)?.held,
    answers: () => core.db.all('select 1 from outbox where chat = ?', self).length,
  }
}

test.each(['unconfirmed', 'newcomers'])('a sibling in the same epoch frees a chat that is %s, at any time', (why) => {
  const { says, held } = phone(why)
  says(5, same)
  expect(held()).toBeUndefined()
})

test('it frees no chat that is held for another reason', () => {
  const { says, held } = phone('fork')
  says(5, same)
  expect(held()).toBe('fork')
})

test('a sibling in another state of the same epoch holds it', () => {
  const { core, says, held } = phone(null)
  says(5, other)
  expect(held()).toBe('fork')
  expect(core.db.all('select kind from fault').map((row) => row['kind'])).toEqual(['epoch-differs'])
})

test('who asks is answered by whoever was there, and by nobody who waits for an answer as well', () => {
  const sure = phone(null)
  sure.says(5, same, true)
  expect(sure.answers()).toBe(1)
  const unsure = phone('unconfirmed')
  unsure.says(5, same, true)
  expect(unsure.answers()).toBe(0)
})

test('who asks from an epoch ahead is answered when this device has come there', () => {
  const { core, says, held, answers } = phone(null)
  says(6, other, true)
  expect([answers(), held()]).toEqual([0, undefined])
  setChat(core.db, chat, { epoch: 6 })
  noteEpoch(core, chat, { epoch: 6n, epochAuthenticator: other })
  expect([answers(), held()]).toEqual([1, undefined])
})

test('neither this device itself nor epochs that it was not in say anything', () => {
  const { says, held } = phone('unconfirmed')
  says(5, same, false, alicePhone)
  says(3, other)
  expect(held()).toBe('unconfirmed')
})
