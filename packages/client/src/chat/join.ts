import { type GroupView, type JoinView, MlsError } from '@quintet/crypto'
import { bytesOf, type ChatId, parseCredential } from '@quintet/domain'
import { FailureCode } from '@quintet/wire'
import type { Core } from '../core.ts'
import { refresh } from '../device/directory.ts'
import { learnHandles } from '../device/handle.ts'
import { packageUsed } from '../keypackage/stock.ts'
import { judgeJoin, type JoinableGroup } from '../policy/judge-join.ts'
import { decodePolicy } from '../policy/policy.ts'
import { ask } from '../relay/ask.ts'
import { clientErrorOf, isFailure } from '../relay/failure.ts'
import { floorOf } from '../selfstate/floor.ts'
import { accountOf } from '../store/row.ts'
import { recordFault } from '../store/fault.ts'
import { keptFloor } from './bootstrap.ts'
import { isRequest } from '../content/request.ts'
import { aadBytes, keepPending } from './commit.ts'
import { sayEpoch } from './confirm.ts'
import { catchUp } from './fetch.ts'
import { accountsOf, chatRecord, keepPolicy, setChat } from './record.ts'

/** Enters a chat: by the Welcome that waits, else by an external commit (C8). Inside the chat's `serial`. True when in. */
export async function join(core: Core, chat: ChatId, welcome: boolean): Promise<boolean> {
  if (chatRecord(core.db, chat)?.state === 'active') return true
  const entered = (welcome && (await joinByWelcome(core, chat))) || (await joinByCommit(core, chat))
  if (entered) {
    const nameless = core.db
      .all(
        'select m.account from member m left join account a on a.account = m.account where m.chat = ? and a.handle is null',
        chat,
      )
      .map((row) => accountOf(row, 'account'))
    if (nameless.length > 0) await learnHandles(core, nameless)
    await catchUp(core, chat)
    // T2, M4: a request tells its sender nothing until it is accepted.
    const wanted = chatRecord(core.db, chat)?.kind === 'direct' && !isRequest(core.db, core.mustOwn(), chat)
    if (wanted) await ask(core, 'setDelivered', { chat: bytesOf(chat), on: true }, 'done')
  }
  return entered
}

async function joinByWelcome(core: Core, chat: ChatId): Promise<boolean> {
  const engine = core.engine()
  try {
    const given = await core.relay.call('getWelcome', { chat: bytesOf(chat) }, 'welcome')
    const refs = engine.welcomeRefs(given.welcome)
    const first = engine.stageWelcome(given.welcome)
    const verdict = await judge(core, chat, first.view)
    if (verdict === undefined) {
      engine.discardJoin(first.staged)
      return false
    }
    core.write((emit) => {
      const view = engine.acceptJoin(first.staged)
      // P3: one's own leaf is renewed before the first send.
      enter(core, chat, view, verdict, { seq: Number(given.seq), logHash: given.logHash, updateDue: 1 })
      packageUsed(core, refs)
      const who = parseCredential(first.view.signer.credential)
      setChat(core.db, chat, { joined_by: who?.account ?? null })
      emit({ event: 'chat', chat, change: 'new' })
    })
    return true
  } catch (error) {
    if (error instanceof MlsError) engine.reloadAll()
    else if (!isFailure(error, FailureCode.NONE) && !isFailure(error, FailureCode.UNKNOWN_CHAT))
      throw clientErrorOf(error)
    return false
  }
}

const tries = 5

async function joinByCommit(core: Core, chat: ChatId): Promise<boolean> {
  const engine = core.engine()
  const group = bytesOf(chat)
  for (let attempt = 0; attempt < tries; attempt++) {
    const info = await ask(core, 'getGroupInfo', { chat: group }, 'groupInfo')
    const inspected = engine.inspectGroupInfo(info.groupInfo)
    const verdict = await judge(core, chat, inspected)
    if (verdict === undefined) return false
    const own = core.mustOwn()
    const me = { account: bytesOf(own.account), device: bytesOf(own.device) }
    const resync = inspected.leaves.some((leaf) => parseCredential(leaf.credential)?.device === own.device)
    const built = core.write(() => {
      const id = core.random.bytes(16)
      const aad = aadBytes(core, { commitId: id, adds: [me], removes: resync ? [me] : [] })
      const joined = engine.joinExternal(info.groupInfo, aad)
      keepPending(core, chat, id, Number(info.epoch), joined.commit, { scratch: true })
      return joined
    })
    try {
      const upload = { commit: built.commit.commit, groupInfo: built.commit.groupInfo }
      const stands = await core.relay.call('commit', { chat: group, epoch: info.epoch, upload }, 'committed')
      core.write((emit) => {
        const view = engine.replaceByScratch(group)
        core.db.run('delete from pending_commit where chat = ?', chat)
        enter(core, chat, view, verdict, { seq: Number(stands.seq), logHash: stands.logHash, updateDue: 0 })
        if (verdict.standing !== 'at-floor' && verdict.policy.members.size > 1) {
          setChat(core.db, chat, { held: 'unconfirmed', held_at: core.clock.now() })
          sayEpoch(core, chat, true)
        }
        emit({ event: 'chat', chat, change: 'new' })
      })
      return true
    } catch (error) {
      core.write(() => {
        engine.dropScratch(group)
        core.db.run('delete from pending_commit where chat = ?', chat)
      })
      if (!isFailure(error, FailureCode.STALE)) throw clientErrorOf(error)
    }
  }
  return false
}

/** C8, logs fetched first; undefined = refused, kept as a fault. */
async function judge(
  core: Core,
  chat: ChatId,
  view: Omit<JoinView, 'ownLeaf' | 'epochAuthenticator'>,
): Promise<JoinableGroup | undefined> {
  const accounts = new Set(decodePolicy(view.policy)?.members.keys() ?? [])
  await refresh(core, [...accounts])
  const own = core.mustOwn().account
  const verdict = judgeJoin({
    view,
    own,
    floor: keptFloor(core, chat) ?? floorOf(core.db, chat),
    accounts: accountsOf(core, accounts),
  })
  if (verdict.kind === 'joinable') return verdict
  core.write((emit) => {
    recordFault(core.db, 'join-refused', chat, Math.trunc(core.relayNow()))
    setChat(core.db, chat, { state: 'blocked' })
    emit({ event: 'chat', chat, change: 'held' })
  })
  return undefined
}

function enter(
  core: Core,
  chat: ChatId,
  view: GroupView,
  verdict: JoinableGroup,
  at: { readonly seq: number; readonly logHash: Uint8Array; readonly updateDue: number },
): void {
  setChat(core.db, chat, {
    state: 'active',
    held: null,
    kind: verdict.policy.kind,
    epoch: Number(view.epoch),
    cursor: at.seq,
    acked: at.seq,
    join_seq: at.seq,
    log_hash: at.logHash,
    update_due: at.updateDue,
  })
  keepPolicy(core.db, core.mustOwn().account, chat, view.policy, 0)
}
