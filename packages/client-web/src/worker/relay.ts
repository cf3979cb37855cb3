import { ClientError, type Database } from '@quintet/client'

/** A relay's address in the one form that is kept and compared; undefined for what is none. */
function parseRelay(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:'
  if (!isWeb || url.username !== '' || url.search !== '' || url.hash !== '') return undefined
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

/** From the moment on that this database is part of an account, its relay is fixed. */
function hasAccount(db: Database): boolean {
  const isThere = db.get("select 1 from sqlite_schema where type = 'table' and name = 'meta'") !== undefined
  return isThere && db.get("select 1 from meta where key = 'account'") !== undefined
}

/**
 * The relay to talk to: the one named, else the kept one, else `home`; kept from then on.
 *
 * Fails with `other-relay` when the account lives on another one than is named.
 */
export function chooseRelay(db: Database, named: string | undefined, home: string): string {
  db.script('create table if not exists web_relay (address text not null) strict')
  const kept = db.get('select address from web_relay')?.['address']
  if (named === undefined && typeof kept === 'string') return kept
  const relay = parseRelay(named ?? home)
  if (relay === undefined)
    throw new ClientError('other-relay', 'That is not the address of a relay. It looks like https://chat.example.org.')
  if (relay === kept) return relay
  if (typeof kept === 'string' && hasAccount(db))
    throw new ClientError(
      'other-relay',
      `The account in this browser belongs to ${kept}. Sign out before you use ${relay}.`,
    )
  db.transaction(() => {
    db.run('delete from web_relay')
    db.run('insert into web_relay values (?)', relay)
  })
  return relay
}
