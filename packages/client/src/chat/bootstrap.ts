import { bytesOf, parseAccountBytes, parseChatBytes, parseHandle } from '@quintet/domain'
import {
  type Bootstrap,
  ChatIntroSchema,
  create,
  FloorSchema,
  fromBinary,
  PersonSchema,
  PinSchema,
  type SelfSnapshot,
  SelfSnapshotSchema,
  toBinary,
} from '@quintet/wire'
import type { Core } from '../core.ts'
import { noteHead, stateOf } from '../device/directory.ts'
import { setHandle } from '../device/handle.ts'
import type { BootstrapParts } from '../device/hooks.ts'
import { isPlausible } from '../plausible.ts'
import { isVerified } from '../selfstate/contact.ts'
import { importSnapshot } from '../selfstate/import.ts'
import { snapshot } from '../selfstate/snapshot.ts'
import { recordFault } from '../store/fault.ts'
import { accountOf, chatOf, numberOf, optionalText, textOf } from '../store/row.ts'
import { floorsToTell } from './floors.ts'
import { addChat, chatRecords, setChat } from './record.ts'

/** What a device that is being linked is told of chats and people (L7): floors, pins, names; no key is in it. */
export function bootstrapParts(core: Core): BootstrapParts {
  const records = chatRecords(core.db).filter((record) => record.state === 'active')
  const people = core.db.all('select account, handle, name from account')
  return {
    selfChat: records.find((record) => record.kind === 'self')?.chat,
    floors: floorsToTell(core),
    pins: people.flatMap((row) => {
      const account = accountOf(row, 'account')
      const head = stateOf(core, account)?.head
      return head === undefined
        ? []
        : [create(PinSchema, { account: bytesOf(account), head, verified: isVerified(core.db, account) })]
    }),
    settings: toBinary(SelfSnapshotSchema, snapshot(core.db)),
    chats: core.db.all('select chat, title, title_seq, description, state from chat').map((row) =>
      create(ChatIntroSchema, {
        chat: bytesOf(chatOf(row, 'chat')),
        title: textOf(row, 'title'),
        titleSeq: BigInt(numberOf(row, 'title_seq')),
        description: textOf(row, 'description'),
        ended: ['succeeded', 'ended'].includes(textOf(row, 'state')),
      }),
    ),
    people: people.map((row) =>
      create(PersonSchema, {
        account: bytesOf(accountOf(row, 'account')),
        handle: optionalText(row, 'handle') ?? '',
        name: textOf(row, 'name'),
      }),
    ),
  }
}

/**
 * Takes a bootstrap in, inside the transaction in which this profile becomes that device.
 *
 * A device that was removed since may have made it (H8): what no app writes is left out, and must not keep its owner out.
 */
export function importBootstrap(core: Core, bootstrap: Bootstrap): void {
  const now = Math.trunc(core.relayNow())
  const self = parseChatBytes(bootstrap.selfChat)
  if (self !== undefined) addChat(core.db, self, 'self', 'joining', now)
  for (const floor of bootstrap.floors.filter(isPlausible)) {
    const chat = parseChatBytes(floor.chat)
    if (chat === undefined) continue
    addChat(core.db, chat, 'group', 'joining', now)
    core.db.run(
      'insert or replace into floor (chat, epoch, floor) values (?, ?, ?)',
      chat,
      Number(floor.epoch),
      toBinary(FloorSchema, floor),
    )
  }
  for (const pin of bootstrap.pins.filter(isPlausible)) {
    const account = parseAccountBytes(pin.account)
    if (account !== undefined && pin.head !== undefined) noteHead(core, account, pin.head)
  }
  for (const person of bootstrap.people) {
    const account = parseAccountBytes(person.account)
    if (account === undefined) continue
    setHandle(core.db, account, parseHandle(person.handle))
    core.db.run('update account set name = ? where account = ?', person.name, account)
  }
  for (const intro of bootstrap.chats.filter(isPlausible)) {
    const chat = parseChatBytes(intro.chat)
    // What goes on elsewhere, perhaps without this account, is not entered: nobody keeps its state current any more (C13).
    if (chat !== undefined && intro.ended) addChat(core.db, chat, 'group', 'ended', now)
    if (chat !== undefined)
      setChat(core.db, chat, { title: intro.title, title_seq: Number(intro.titleSeq), description: intro.description })
  }
  const settings = parseSettings(bootstrap.settings)
  if (settings === undefined) recordFault(core.db, 'self-malformed', 'snapshot', now)
  else importSnapshot(core.db, core.mustOwn(), settings, now)
}

function parseSettings(bytes: Uint8Array): SelfSnapshot | undefined {
  try {
    const settings = fromBinary(SelfSnapshotSchema, bytes)
    return isPlausible(settings) ? settings : undefined
  } catch {
    return undefined
  }
}
