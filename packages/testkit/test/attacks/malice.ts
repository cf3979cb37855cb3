import { type CommitPlan, entryIdOf, type MlsEngine, type OwnCommit } from '@quintet/crypto'
import { nodeEngineLoader } from '@quintet/client-node'
import { bytesOf, type ChatId, parseCredential } from '@quintet/domain'
import { type Device, requestOf, responseOf, type World } from '@quintet/testkit'
import {
  BodySchema,
  type CommitAadSchema,
  CommitAadSchema as aadSchema,
  create,
  EntryKind,
  EntrySchema,
  FailureCode,
  FrameSchema,
  type MessageInitShape,
  toBinary,
} from '@quintet/wire'
import { expect } from 'vitest'
import { entryPush } from '../fooled.ts'
import { tellDifferently } from '../lying-log.ts'

type Aad = Pick<Extract<MessageInitShape<typeof CommitAadSchema>, { $typeName?: never }>, 'adds' | 'removes'>
const load = nodeEngineLoader()

/** An engine with a member's own keys and state, which nothing holds back; what it does is kept nowhere. */
export function unbound(device: Device, chat: ChatId): MlsEngine {
  const engine = load({
    read(key) {
      const value = device.database.get('select value from mls where key = ?', key)?.['value']
      return value instanceof Uint8Array ? value : undefined
    },
  })
  const view = engine.view(bytesOf(chat)) ?? expect.unreachable('it is in the chat')
  const leaf = view.leaves.find(({ index }) => index === view.ownLeaf) ?? expect.unreachable('it has a leaf')
  engine.useIdentity(leaf.signatureKey, leaf.credential)
  return engine
}

/** How a leaf is named in a commit's delta. */
export function named(leaf: { readonly credential: Uint8Array }) {
  const who = parseCredential(leaf.credential) ?? expect.unreachable('every leaf has one')
  return { account: bytesOf(who.account), device: bytesOf(who.device) }
}

/** The leaves of one device's account in a chat, as another device sees them. */
export function leavesOf(engine: MlsEngine, chat: ChatId, device: Device) {
  const account = device.client.self()?.account
  const leaves = engine.view(bytesOf(chat))?.leaves ?? []
  return leaves.filter((leaf) => parseCredential(leaf.credential)?.account === account)
}

/** A commit of that member, whatever it does, its authenticated data as honest as asked for. */
export function evilCommit(device: Device, chat: ChatId, engine: MlsEngine, plan: Partial<CommitPlan>, says: Aad = {}) {
  const { account } = device.client.self() ?? expect.unreachable('it is signed in')
  const row = device.database.get('select position, hash from account where account = ?', account)
  const hash = row?.['hash'] instanceof Uint8Array ? row['hash'].slice(0, 8) : expect.unreachable('it knows its log')
  const head = { position: BigInt(Number(row?.['position'])), hash }
  const aad = toBinary(aadSchema, create(aadSchema, { commitId: new Uint8Array(16).fill(7), head, ...says }))
  return engine.commit(bytesOf(chat), { addKeyPackages: [], removeLeaves: [], policy: undefined, aad, ...plan })
}

/** Hands it to the real relay on that member's connection, and ends the member; what the relay said. */
export async function commitAs(world: World, device: Device, chat: ChatId, made: OwnCommit): Promise<string> {
  const upload = { commit: made.commit, groupInfo: made.groupInfo, welcome: made.welcome ?? new Uint8Array() }
  const call = { case: 'commit', value: { chat: bytesOf(chat), epoch: made.epoch - 1n, upload } } as const
  let id: number | undefined
  let said = 'nothing'
  const stop = world.relay.tamper((seen) => {
    if (seen.device !== device.name) return undefined
    const request = requestOf(seen.frame)
    if (request?.call.case === 'append' && id === undefined) {
      id = request.id
      return [create(FrameSchema, { kind: { case: 'request', value: { id, call } } })]
    }
    const response = responseOf(seen.frame)
    if (response === undefined || response.id !== id) return undefined
    const { result } = response
    said = result.case === 'failure' ? nameOf(result.value.code) : (result.case ?? 'nothing')
    device.kill()
    return []
  })
  await device.jot(chat, 'what a nice day').catch(() => undefined)
  stop()
  await world.settle()
  return said
}

function nameOf(code: FailureCode): string {
  return Object.entries(FailureCode).find(([, value]) => value === code)?.[0] ?? 'a failure'
}

/** What a relay that is in league with that member gives a device instead of refusing it; answers how it stops. */
export function handOver(world: World, to: Device, from: Device, chat: ChatId, made: OwnCommit): () => void {
  const cursor = Number(to.database.get('select cursor from chat where chat = ?', chat)?.['cursor'] ?? 0)
  const sender = from.client.self() ?? expect.unreachable('it is signed in')
  const entry = create(EntrySchema, {
    seq: BigInt(cursor + 1),
    atMs: BigInt(world.now()),
    epoch: made.epoch - 1n,
    kind: EntryKind.COMMIT,
    device: bytesOf(sender.device),
    message: made.commit,
  })
  // Asked for it, it says the same.
  const stop = tellDifferently(
    world,
    to,
    chat,
    (entries) => entries,
    (answer) => {
      if (answer.headSeq >= entry.seq) return
      answer.entries = [...answer.entries, entry]
      answer.headSeq = entry.seq
    },
  )
  world.relay.inject(to, entryPush(chat, entry))
  return stop
}

/** Seals and sends a body that no honest app would write: it is put where what is written waits. */
export async function sendAnything(
  device: Device,
  chat: ChatId,
  body: NonNullable<MessageInitShape<typeof BodySchema>['kind']>,
): Promise<void> {
  const bytes = toBinary(BodySchema, create(BodySchema, { kind: body }))
  const bodyKey = new Uint8Array(32).fill(9)
  device.database.run(
    'insert into outbox (chat, entry, body, body_key, content, written_at) values (?, ?, ?, ?, 0, ?)',
    chat,
    `m_${Buffer.from(entryIdOf(bodyKey, bytes)).toString('hex')}`,
    bytes,
    bodyKey,
    0,
  )
  await device.client.sync()
}

/** What a device keeps of one kind of trouble, for whoever looks into it; newest last. */
export function faults(device: Device, kind: string): readonly string[] {
  const rows = device.database.all('select detail from fault where kind = ? order by id', kind)
  return rows.map(({ detail }) => (detail instanceof Uint8Array ? new TextDecoder().decode(detail) : String(detail)))
}

/** Why a device has refused commits, newest last. */
export function refusals(device: Device): readonly string[] {
  return faults(device, 'commit-refused')
}
