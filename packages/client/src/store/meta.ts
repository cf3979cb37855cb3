import type { Database } from '../ports.ts'
import { numberOf, textOf } from './row.ts'

/** A word that this profile keeps under a name. */
export function metaText(db: Database, key: string): string | undefined {
  const row = db.get('select value from meta where key = ?', key)
  return row === undefined ? undefined : textOf(row, 'value')
}

/** A number that this profile keeps under a name. */
export function metaNumber(db: Database, key: string): number | undefined {
  const row = db.get('select value from meta where key = ?', key)
  return row === undefined ? undefined : numberOf(row, 'value')
}

/** Keeps it; undefined forgets it. */
export function setMeta(db: Database, key: string, value: string | number | undefined): void {
  if (value === undefined) db.run('delete from meta where key = ?', key)
  else
    db.run(
      'insert into meta (key, value) values (?, ?) on conflict (key) do update set value = excluded.value',
      key,
      value,
    )
}
