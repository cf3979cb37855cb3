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
import { assert } from './assert.ts'

const hex = (number: number, bytes: number): string => number.toString(16).padStart(2 * bytes, '0')

/** Ids by number: small ones, so that a failing test is readable. */
export const accountId = (number: number): AccountId => assert(parseAccountId(`a_${hex(number, 32)}`))
export const deviceId = (number: number): DeviceId => assert(parseDeviceId(`d_${hex(number, 16)}`))
export const chatId = (number: number): ChatId => assert(parseChatId(`c_${hex(number, 32)}`))
export const messageId = (number: number): MessageId => assert(parseMessageId(`m_${hex(number, 32)}`))

export const alice = accountId(0xa1)
export const bob = accountId(0xb0)
export const carol = accountId(0xca)
export const alicePhone = deviceId(0xa11)
export const aliceLaptop = deviceId(0xa12)
export const aliceTablet = deviceId(0xa13)
export const bobPhone = deviceId(0xb01)
export const carolPhone = deviceId(0xca1)
