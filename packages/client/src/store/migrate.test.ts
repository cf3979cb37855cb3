import { expect, test } from 'vitest'
import { emptyDatabase } from '../../test/database.ts'
import { DatabaseError } from '../ports.ts'
import { metaNumber, metaText, setMeta } from './meta.ts'
import { migrate } from './migrate.ts'
import { migrations } from './migrations.ts'

test('a new profile gets the newest schema, and opening it again changes nothing', () => {
  const db = emptyDatabase()
  migrate(db)
  setMeta(db, 'relay', 'http://127.0.0.1:4747')
  migrate(db)
  expect(db.get('pragma user_version')).toMatchObject({ user_version: migrations.length })
  expect(metaText(db, 'relay')).toBe('http://127.0.0.1:4747')
})

test('a profile written by a later version is left alone', () => {
  const db = emptyDatabase()
  db.script(`pragma user_version = ${migrations.length + 1}`)
  expect(() => migrate(db)).toThrowError(DatabaseError)
  expect(db.all('select name from sqlite_schema')).toEqual([])
})

test('what a profile keeps can be changed and forgotten', () => {
  const db = emptyDatabase()
  migrate(db)
  setMeta(db, 'count', 1)
  setMeta(db, 'count', 2)
  expect(metaNumber(db, 'count')).toBe(2)
  setMeta(db, 'count', undefined)
  expect(metaNumber(db, 'count')).toBeUndefined()
  expect(metaText(db, 'count')).toBeUndefined()
})
