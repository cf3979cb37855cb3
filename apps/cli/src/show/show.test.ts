import { expect, test, vi } from 'vitest'
import { paintFor } from './paint.ts'
import { oneLine, safe } from './safe.ts'
import { table } from './table.ts'
import { ago, dayOf, upcoming } from './time.ts'
import { cut, pad, widthOf } from './width.ts'
import { count, list } from './words.ts'

test('columns stay straight with wide, combined and coloured characters', () => {
  const paint = paintFor(true)
  const rows = [
    ['e\u0301', 'x'],
    ['日本', 'x'],
    ['👩‍👩‍👧', 'x'],
    [paint.accent('ab'), 'x'],
  ]
  const lines = table(paintFor(false), ['HEAD', ''], rows).split('\n')
  expect(lines.slice(1).map((line) => widthOf(line))).toEqual([7, 7, 7, 7])
})

test('a cut text never breaks a character, and says that something is missing', () => {
  expect(cut('hello', 5)).toBe('hello')
  expect(cut('hello you', 5)).toBe('hell…')
  expect(cut('日本語です', 5)).toBe('日本…')
  expect(widthOf(cut('👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', 4))).toBeLessThanOrEqual(4)
  expect(pad('日', 4)).toBe('日  ')
})

test('times are told as people would', () => {
  vi.stubEnv('TZ', 'UTC')
  const now = Date.parse('2026-03-03T12:00:00.000Z')
  expect(ago('2026-03-03T11:59:30.000Z', now)).toBe('just now')
  expect(ago('2026-03-03T12:00:30.000Z', now)).toBe('just now')
  expect(ago('2026-03-03T11:56:00.000Z', now)).toBe('4 min ago')
  expect(ago('2026-03-03T08:05:00.000Z', now)).toBe('08:05')
  expect(ago('2026-03-02T23:59:00.000Z', now)).toBe('yesterday 23:59')
  expect(ago('2026-02-26T10:00:00.000Z', now)).toBe('Thursday 10:00')
  expect(ago('2026-01-01T10:00:00.000Z', now)).toBe('1 January')
  expect(ago('2025-01-01T10:00:00.000Z', now)).toBe('1 January 2025')
  expect(dayOf('2026-03-03T00:00:00.000Z', now)).toBe('Today')
  expect(dayOf('2026-03-02T10:00:00.000Z', now)).toBe('Yesterday')
  expect(dayOf('2025-12-31T10:00:00.000Z', now)).toBe('Wednesday, 31 December 2025')
  expect(upcoming('2026-03-04T10:40:00.000Z', now)).toBe('tomorrow at 10:40')
  expect(upcoming('2026-03-03T23:40:00.000Z', now)).toBe('today at 23:40')
  expect(upcoming('2026-03-06T10:40:00.000Z', now)).toBe('6 March at 10:40')
  vi.unstubAllEnvs()
})

test('text from others loses what would steer a terminal, and keeps its words', () => {
  expect(safe('a\u001b[31mb\tc\nd\u202ee')).toBe('a\ufffd[31mb c\nd\ufffde')
  expect(oneLine('a \r\n b\u2028c')).toBe('a b c')
})

test('numbers and names in sentences', () => {
  expect([count(1, 'entry', 'entries'), count(2, 'entry', 'entries'), count(0, 'place')]).toEqual([
    '1 entry',
    '2 entries',
    '0 places',
  ])
  expect([list([]), list(['a']), list(['a', 'b']), list(['a', 'b', 'c'])]).toEqual(['', 'a', 'a and b', 'a, b and c'])
})
