import {
  type AccountId,
  type ChatId,
  type DeviceId,
  type MessageId,
  parseAccountId,
  parseChatId,
  parseDeviceId,
  parseMessageId,
} from '@quintet/domain'
import { DatabaseError, type Row } from '../ports.ts'

/** What a column must hold for the row to be one of ours; anything else means that the database is damaged. */
function damaged(column: string): never {
  throw new DatabaseError('damaged', `column ${column} holds what this version never writes`)
}

export function textOf(row: Row, column: string): string {
  const value = row[column]
  return typeof value === 'string' ? value : damaged(column)
}
export function optionalText(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : textOf(row, column)
}
export function numberOf(row: Row, column: string): number {
  const value = row[column]
  return typeof value === 'number' ? value : damaged(column)
}
export function optionalNumber(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : numberOf(row, column)
}
export function blobOf(row: Row, column: string): Uint8Array {
  const value = row[column]
  return value instanceof Uint8Array ? value : damaged(column)
}
export function optionalBlob(row: Row, column: string): Uint8Array | undefined {
  return row[column] === null ? undefined : blobOf(row, column)
}
export function accountOf(row: Row, column: string): AccountId {
  return parseAccountId(textOf(row, column)) ?? damaged(column)
}
export function deviceOf(row: Row, column: string): DeviceId {
  return parseDeviceId(textOf(row, column)) ?? damaged(column)
}
export function chatOf(row: Row, column: string): ChatId {
  return parseChatId(textOf(row, column)) ?? damaged(column)
}
export function messageOf(row: Row, column: string): MessageId {
  return parseMessageId(textOf(row, column)) ?? damaged(column)
}
