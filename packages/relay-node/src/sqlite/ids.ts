import {
  type AccountId,
  type ChatId,
  type DeviceId,
  parseAccountBytes,
  parseChatBytes,
  parseDeviceBytes,
} from '@quintet/domain'
import { StoreError } from '@quintet/relay/store'
import { blob, type Row } from './database.ts'

function parsed<T>(id: T | undefined, column: string): T {
  if (id === undefined) throw new StoreError('unavailable', `column ${column}`)
  return id
}

/** Ids as they stand in columns. */
export const accountIn = (row: Row, column: string): AccountId => parsed(parseAccountBytes(blob(row, column)), column)
export const deviceIn = (row: Row, column: string): DeviceId => parsed(parseDeviceBytes(blob(row, column)), column)
export const chatIn = (row: Row, column: string): ChatId => parsed(parseChatBytes(blob(row, column)), column)
