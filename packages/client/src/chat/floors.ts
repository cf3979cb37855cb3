import { MlsError } from '@quintet/crypto'
import { bytesOf, type ChatId, sameBytes } from '@quintet/domain'
import type { Floor } from '@quintet/wire'
import type { Core } from '../core.ts'
import { floorOf } from '../selfstate/floor.ts'
import { blobOf } from '../store/row.ts'
import { floorOfView } from './floor.ts'
import { type ChatRecord, chatRecords } from './record.ts'

/** What was read from the engine before, by chat: loading hundreds of groups takes longer than anybody should wait. */
const kept = new WeakMap<Core, Map<ChatId, Floor>>()
/** Groups that are loaded in one go; then others have their turn. */
const slice = 10

/**
 * What other devices of the account are told of its chats (C8): where this one stands in them, or, where it is not in
 * yet, what a sibling told it.
 */
export function floorsToTell(core: Core): readonly Floor[] {
  return chatRecords(core.db).flatMap((record) => floorToTell(core, record) ?? [])
}

/** Makes `floorsToTell` quick, while persons look at each other's screens. */
export async function prepareFloors(core: Core): Promise<void> {
  for (const [at, record] of chatRecords(core.db).entries()) {
    floorToTell(core, record)
    if (at % slice === slice - 1) await new Promise<void>((resolve) => core.clock.after(0, resolve))
  }
}

function floorToTell(core: Core, record: ChatRecord): Floor | undefined {
  const { chat, state } = record
  if (state === 'joining' || state === 'refused') return floorOf(core.db, chat)
  return state === 'active' ? floorOfActive(core, record) : undefined
}

function floorOfActive(core: Core, { chat, epoch }: ChatRecord): Floor | undefined {
  const floors = kept.get(core) ?? new Map<ChatId, Floor>()
  kept.set(core, floors)
  const before = floors.get(chat)
  const row = core.db.get('select authenticator from epoch where chat = ? and epoch = ?', chat, epoch)
  if (before !== undefined && row !== undefined && sameBytes(before.epochAuthenticator, blobOf(row, 'authenticator')))
    return before
  try {
    const view = core.engine().view(bytesOf(chat))
    if (view === undefined) return floorOf(core.db, chat)
    const floor = floorOfView(core, chat, view)
    floors.set(chat, floor)
    return floor
  } catch (error) {
    if (!(error instanceof MlsError)) throw error
    // The next use of the chat finds that its state is damaged (C12); no device is kept out of the account for it.
    return floorOf(core.db, chat)
  }
}
