import { expect, test } from 'vitest'
import { missingPackages } from './system.js'

test('any build of a browser serves', () => {
  expect(missingPackages((program: string) => program === 'google-chrome' || program === 'firefox')).toEqual([])
})

test('a machine without browsers is told both packages', () => {
  expect(missingPackages(() => false)).toEqual(['chromium', 'firefox-esr'])
})
