import { bytesOf, type AccountId, type ChatId, type DeviceId } from '@quintet/domain'
import { StoreError } from '@quintet/relay/store'
import { type Database, int } from './database.ts'

type Table = 'accounts' | 'devices' | 'chats'

/** Ids' integer keys, looked up once. A rollback may take a key away again: then `forget`. */
export class Keys {
  private readonly db: Database
  private readonly known = new Map<string, number>()

  constructor(db: Database) {
    this.db = db
  }

  private find(table: Table, id: AccountId | DeviceId | ChatId): number | undefined {
    const known = this.known.get(id)
    if (known !== undefined) return known
    const row = this.db.get(`SELECT key FROM ${table} WHERE id = ?`, bytesOf(id))
    if (row === undefined) return undefined
    const key = int(row, 'key')
    if (this.known.size > 100_000) this.known.clear()
    this.known.set(id, key)
    return key
  }

  findAccount(id: AccountId): number | undefined {
    return this.find('accounts', id)
  }

  findDevice(id: DeviceId): number | undefined {
    return this.find('devices', id)
  }

  findChat(id: ChatId): number | undefined {
    return this.find('chats', id)
  }

  account(id: AccountId): number {
    return this.findAccount(id) ?? missing()
  }

  device(id: DeviceId): number {
    return this.findDevice(id) ?? missing()
  }

  chat(id: ChatId): number {
    return this.findChat(id) ?? missing()
  }

  forget(): void {
    this.known.clear()
  }
}

function missing(): never {
  throw new StoreError('conflict', 'no such row')
}
