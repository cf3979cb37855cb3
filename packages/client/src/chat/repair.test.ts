import { MlsError } from '@quintet/crypto'
import { expect, test } from 'vitest'
import { chatId } from '../../test/people.ts'
import { createScriptedCore } from '../../test/scripted-core.ts'
import { addChat, chatRecord, setChat } from './record.ts'
import { type Loss, loseState, mayRepair, orRepair } from './repair.ts'

const chat = chatId(1)
const hour = 60 * 60 * 1000

function inChat(state: string) {
  let now = 1_700_000_000_000
  const script = createScriptedCore({ answer: () => expect.unreachable('nothing is asked'), now: () => now })
  addChat(script.db, chat, 'group', state, now)
  const lose = (loss: Loss) => script.core.write(() => loseState(script.core, chat, loss))
  const standing = () => {
    const { state: is, held } = chatRecord(script.db, chat) ?? expect.unreachable('the chat is known')
    return { state: is, held }
  }
  return { ...script, lose, standing, pass: (ms: number) => (now += ms) }
}

test('a chat whose keys are lost is entered anew', () => {
  const { lose, standing } = inChat('active')
  lose('damaged')
  expect(standing()).toEqual({ state: 'joining', held: 'repair' })
})

test.each(['left', 'removed', 'gone', 'blocked', 'creating'])('one that is %s is not', (state) => {
  const { lose, standing } = inChat(state)
  lose('missed-commits')
  expect(standing()).toEqual({ state, held: undefined })
})

test('a commit that does not fit twice within the hour stops the chat; hours apart it is entered anew each time', () => {
  const { db, lose, standing, pass } = inChat('active')
  lose('does-not-fit')
  setChat(db, chat, { state: 'active', held: null })
  pass(2 * hour)
  lose('does-not-fit')
  expect(standing().state).toBe('joining')
  setChat(db, chat, { state: 'active', held: null })
  pass(hour / 2)
  lose('does-not-fit')
  expect(standing().state).toBe('blocked')
})

test('what a relay alone can bring about is repaired at once three times a day; then each time waits longer', () => {
  const { core, db, lose, pass } = inChat('active')
  const waited = () => {
    lose('missed-commits')
    let minutes = 0
    for (; !mayRepair(core, chat); minutes++) pass(60_000)
    setChat(db, chat, { state: 'active', held: null })
    return minutes
  }
  expect(Array.from({ length: 8 }, waited)).toEqual([0, 0, 0, 1, 4, 16, 60, 60])
  pass(25 * hour)
  expect(waited()).toBe(0)
  pass(-3 * hour)
  expect(waited()).toBe(0)
})

test('what else goes wrong in a chat is no reason to give its keys up', async () => {
  const { core, standing } = inChat('active')
  const failing = (error: Error) => orRepair(core, chat, () => Promise.reject(error))
  await expect(failing(new MlsError('bad-signature', 'of another'))).rejects.toMatchObject({ code: 'bad-signature' })
  await expect(failing(new RangeError('ours'))).rejects.toBeInstanceOf(RangeError)
  expect(standing()).toEqual({ state: 'active', held: undefined })
})
