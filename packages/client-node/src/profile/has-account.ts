import type { Database } from '@quintet/client'

/** True when this profile's database is part of an account: from then on its relay is fixed. */
export function hasAccount(database: Database): boolean {
  const isThere = database.get("select 1 from sqlite_master where type = 'table' and name = 'meta'") !== undefined
  return isThere && database.get("select 1 from meta where key = 'account'") !== undefined
}
