import { expect, test } from 'vitest'
import { countTests } from './count.js'

const clean = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] }

test('a clean report counts what passed', () => {
  expect(countTests(clean)).toEqual({ passed: 3, failed: 0, skipped: 0 })
})

test('a file that does not load counts as a failure', () => {
  const broken = { ...clean, testResults: [{ status: 'failed', assertionResults: [] }] }
  expect(countTests(broken).failed).toBe(1)
})

test('a skipped test counts as a failure', () => {
  expect(countTests({ ...clean, numPendingTests: 1, numTodoTests: 1 }).failed).toBe(2)
})
