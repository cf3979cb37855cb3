import type { Database } from '../ports.ts'
import { blobOf } from '../store/row.ts'

/** `log`, `auth`, `seal`: this device's keys. `sign-up-*`: what a sign-up needs to be finished after a crash. */
export type SecretName = 'log' | 'auth' | 'seal' | 'sign-up-genesis' | 'sign-up-kit'

export function readSecret(db: Database, name: SecretName): Uint8Array | undefined {
  const row = db.get('select value from secret where key = ?', name)
  return row === undefined ? undefined : blobOf(row, 'value')
}

export function writeSecret(db: Database, name: SecretName, value: Uint8Array): void {
  db.run(
    'insert into secret (key, value) values (?, ?) on conflict (key) do update set value = excluded.value',
    name,
    value,
  )
}

export function forgetSecret(db: Database, name: SecretName): void {
  db.run('delete from secret where key = ?', name)
}
