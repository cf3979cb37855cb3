import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Backlog } from './backlog.ts'

const backlogOf = (...rows: readonly number[]): Backlog<number> => {
  const backlog = new Backlog<number>()
  rows.forEach((each, at) => void backlog.push(at, each))
  return backlog
}

test('where nobody waits, a bite goes at a time', () => {
  const backlog = backlogOf(24, 24, 24)
  expect(backlog.take(0)).toEqual([0, 1])
  expect(backlog.take(0)).toEqual([2])
  expect(backlog.take(0)).toEqual([])
})

test('what is larger than a bite goes too, alone', () => {
  const backlog = backlogOf(1000, 1)
  expect(backlog.take(0)).toEqual([0])
  expect(backlog.take(0)).toEqual([1])
})

test('one message after the other is not held up by what can wait, and yet it gets done', () => {
  const backlog = backlogOf(64, 64)
  const taken = Array.from({ length: 32 }, () => backlog.take(1))
  expect(taken.flat()).toEqual([0, 1])
  expect(taken.filter((some) => some.length > 0)).toHaveLength(2)
})

test('with a batch of many messages goes as much as they leave behind', () => {
  expect(backlogOf(64, 64, 64, 64, 64).take(64)).toEqual([0, 1, 2, 3])
})

test('an idle time is not saved up for later', () => {
  const backlog = backlogOf()
  for (let round = 0; round < 100; round++) backlog.take(500)
  backlog.push(0, 64)
  expect(backlog.take(1)).toEqual([])
})

test('everything is taken once, in the order in which it came, however many messages come between', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 50 })
  const check = (rows: readonly number[], urgent: readonly number[]): void => {
    const backlog = backlogOf(...rows)
    const taken = urgent.flatMap((each) => backlog.take(each))
    while (backlog.last !== undefined) taken.push(...backlog.take(0))
    expect(taken).toEqual(rows.map((_, at) => at))
  }
  fc.assert(fc.property(sizes, fc.array(fc.nat({ max: 50 }), { maxLength: 50 }), check), { numRuns: 200 })
})
