import assert from 'node:assert/strict'
import { type MlsEngine, MlsError } from '@quintet/crypto'
import { bytesOf, type ChatId, type DeviceId, hexOf, parseChatId, parseCredential } from '@quintet/domain'
import type { Device } from '@quintet/testkit'
import type { StoredChat } from '@quintet/relay'
import { engineOf } from '../engine-of.ts'
import type { Stage } from './stage.ts'

interface Row {
  readonly state: string
  readonly held: string
  readonly cursor: number
  readonly epoch: number
}

/** All that whoever is in and has a network must agree on, of every chat that anybody has. */
export async function compareAll(stage: Stage): Promise<void> {
  const here = stage.devices.filter((device) => stage.isHere(device))
  const chats = new Set(here.flatMap((device) => chatsOf(device)))
  for (const chat of chats) {
    const stored = await stage.world.relay.store.chats.load(chat)
    if (stored === undefined) continue
    if (!here.some((device) => rowOf(device, chat)?.state === 'succeeded')) compareOne(stage, here, stored)
    const roster = new Set(stored.members.flatMap(({ leaf, device }) => (leaf === undefined ? [] : [device])))
    const unread = here.filter(
      (device) => rowOf(device, chat)?.state === 'ended' && roster.has(ownOf(device)) && !stage.hurt.has(device),
    )
    assert.deepEqual(
      unread.map(({ name }) => name),
      [],
      'nobody leaves unread what a chat that has ended holds for them',
    )
  }
  for (const device of here) {
    const { chatsPending } = device.client.status()
    const outbox = Number(device.database.get(waiting)?.['n'])
    assert.deepEqual({ of: device.name, outbox, chatsPending }, { of: device.name, outbox: 0, chatsPending: 0 })
  }
}

function ownOf(device: Device): DeviceId {
  return device.client.self()?.device ?? assert.fail('it is one of an account')
}

/** What was written in a group that this device is out of waits there until it is taken in again. */
const waiting = `select count(*) as n from outbox o join chat c on c.chat = o.chat where c.state <> 'removed'`

/** Of one chat: state, epoch, secrets, tree, policy, and the relay’s roster, which is the tree. */
function compareOne(stage: Stage, here: readonly Device[], stored: StoredChat): void {
  const { chat } = stored
  const leaving = new Set(stored.intents.map(({ account }) => account))
  const accounts = new Set(stored.parties.map(({ account }) => account).filter((account) => !leaving.has(account)))
  const inside = here.filter((device) => accounts.has(stage.personOf(device).account))
  const first = inside.find((device) => hasKeys(stage, device, chat))
  if (first === undefined) return
  if (stored.kind === 'group' && chat === stage.group) {
    const people = stage.people.filter(({ account }) => accounts.has(account)).map(({ handle }) => handle)
    assert.deepEqual(people.sort(), [...stage.inside].sort(), 'the relay counts as members those who are')
  }
  const { epoch, headSeq } = stored
  for (const device of inside) {
    const expected: Row = { state: 'active', held: '', cursor: headSeq, epoch }
    assert.deepEqual(
      { of: device.name, kind: stored.kind, ...rowOf(device, chat) },
      { of: device.name, kind: stored.kind, ...expected },
    )
    if (hasKeys(stage, device, chat))
      assert.deepEqual({ of: device.name, ...knows(device, chat) }, { of: device.name, ...knows(first, chat) })
  }
  const roster = stored.members.flatMap(({ leaf, device }) => (leaf === undefined ? [] : [device])).sort()
  const leaves = engineBehind(first).view(bytesOf(chat))?.leaves ?? []
  const tree = leaves.flatMap(({ credential }) => parseCredential(credential)?.device ?? []).sort()
  assert.deepEqual(roster, tree, 'the relay’s roster is the tree')
  for (const device of inside) {
    const own = device.client.self()?.device
    assert.ok(own && tree.includes(own), `${device.name} has a leaf`)
  }
  stage.count('compared', inside.length)
}

/** Damaged keys are found out when they are used, and not before. */
function hasKeys(stage: Stage, device: Device, chat: ChatId): boolean {
  try {
    return !stage.hurt.has(device) || engineBehind(device).view(bytesOf(chat)) !== undefined
  } catch (error) {
    if (error instanceof MlsError) return false
    throw error
  }
}

/** Everything of an epoch that two devices in it have in common. */
function knows(device: Device, chat: ChatId) {
  const engine = engineBehind(device)
  const group = bytesOf(chat)
  const view = engine.view(group)
  assert.ok(view, `${device.name} has the group`)
  return {
    epoch: view.epoch,
    authenticator: hexOf(view.epochAuthenticator),
    tree: hexOf(view.treeHash),
    transcript: hexOf(view.confirmedTranscriptHash),
    policy: hexOf(view.policy),
    secret: hexOf(engine.exportSecret(group, 'quintet/history', group, 16)),
    leaves: view.leaves.map((leaf) => `${leaf.index} ${hexOf(leaf.signatureKey)}`),
  }
}

const idle = new WeakMap<object, MlsEngine>()

/** The engine of its process; where that had no use for one yet, one over the rows that it stored and that stay as they are. */
function engineBehind(device: Device): MlsEngine {
  const { engine, database } = device
  if (engine !== undefined) return engine
  const made = idle.get(database) ?? engineOf(device)
  idle.set(database, made)
  return made
}

function chatsOf(device: Device): readonly ChatId[] {
  return device.database.all('select chat from chat').flatMap((row) => parseChatId(String(row['chat'])) ?? [])
}

function rowOf(device: Device, chat: ChatId): Row | undefined {
  // What is held until nobody objects (C8) is free again as soon as somebody wants to write there.
  const row = device.database.get(
    "select state, iif(coalesce(held, '') in ('unconfirmed', 'newcomers'), '', coalesce(held, '')) as held, cursor, epoch from chat where chat = ?",
    chat,
  )
  return (
    row && {
      state: String(row['state']),
      held: String(row['held']),
      cursor: Number(row['cursor']),
      epoch: Number(row['epoch']),
    }
  )
}

/** What was caught that only an attack or a lying relay would bring about. */
export function alarms(stage: Stage): void {
  for (const device of stage.devices) {
    const faults = device.database.all(`select kind, subject from fault where kind not in ${ordinary}`)
    // A device that went back in time says things anew that its siblings have heard from it otherwise.
    const excused = stage.personOf(device).devices.some((sibling) => stage.hurt.has(sibling))
    if (!excused) assert.deepEqual({ of: device.name, faults }, { of: device.name, faults: [] })
  }
}

/** A lost state is told by the step that loses it; and in the base suite a device was thought to be older than it is. */
const ordinary = "('state-lost', 'statement-downgrade')"
