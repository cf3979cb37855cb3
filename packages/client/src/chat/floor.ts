import { sha256 } from '@noble/hashes/sha2.js'
import type { GroupView } from '@quintet/crypto'
import { bytesOf, type ChatId } from '@quintet/domain'
import { create, type Floor, FloorSchema } from '@quintet/wire'
import type { Core } from '../core.ts'
import { chatRecord, policyOf } from './record.ts'

/** What a device that has been in this epoch tells its siblings of it: below it no GroupInfo is to be trusted (C8). */
export function floorOfView(core: Core, chat: ChatId, view: GroupView): Floor {
  const record = chatRecord(core.db, chat)
  const accounts = [...((record && policyOf(record))?.members.keys() ?? [])].map(bytesOf)
  const { epoch, treeHash, confirmedTranscriptHash, epochAuthenticator } = view
  const history = { epoch, treeHash, confirmedTranscriptHash, epochAuthenticator, accounts }
  return create(FloorSchema, { chat: bytesOf(chat), policyDigest: sha256(view.policy), ...history })
}
