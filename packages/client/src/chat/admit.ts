import { type JoinView, MlsError } from '@quintet/crypto'
import {
  type AccountId,
  bytesOf,
  type ChatId,
  parseAccountBytes,
  parseCredential,
  parseDeviceBytes,
  sameBytes,
} from '@quintet/domain'
import { activeDevices } from '@quintet/identity'
import type { GroupInfoResult } from '@quintet/wire'
import type { Core } from '../core.ts'
import { behindNow, refresh, stateOf } from '../device/directory.ts'
import { judgeJoin, type JoinableGroup } from '../policy/judge-join.ts'
import { decodePolicy, type Policy } from '../policy/policy.ts'
import { floorOf } from '../selfstate/floor.ts'
import { recordFault } from '../store/fault.ts'
import { directChatId } from './direct-chat-id.ts'
import { wasTold } from './heard.ts'
import { accountsOf, chatRecord, policyOf, setChat } from './record.ts'
import { selfChatOf } from './self-ops.ts'

/** A group that may be joined, and why nothing is sent there at first. */
export interface Admitted {
  readonly policy: JoinableGroup['policy']
  readonly held: 'unconfirmed' | 'newcomers' | undefined
  readonly standing: JoinableGroup['standing']
}

type Seen = Omit<JoinView, 'ownLeaf' | 'epochAuthenticator'>

/**
 * C8, logs fetched first. undefined = refused; the chat is blocked then and the fault kept.
 *
 * Members who came after the sibling's floor do not keep this device out, or nobody could be linked while a group grows;
 * but until a sibling confirms the epoch nothing is sent to them.
 */
export async function admit(
  core: Core,
  chat: ChatId,
  view: Seen,
  options: { readonly byWelcome?: boolean } = {},
): Promise<Admitted | undefined> {
  const named = decodePolicy(view.policy)
  const accounts = new Set(named?.members.keys() ?? [])
  const record = chatRecord(core.db, chat)
  if (!sameBytes(view.group, bytesOf(chat)) || (named && !isOf(core, chat, named))) {
    refuseJoin(core, chat, 'another-chat')
    return undefined
  }
  const asked = toBeAsked(core, chat, accounts)
  await refresh(core, asked)
  let { verdict, held } = judge(core, chat, accounts, view, options)
  // Nobody is refused for what the logs kept here do not know yet.
  if (verdict.kind !== 'joinable' && asked.length < accounts.size) {
    await refresh(core, [...accounts])
    ;({ verdict, held } = judge(core, chat, accounts, view, options))
  }
  // What this device has itself been through is a floor as well.
  const behindOwn = record !== undefined && Number(view.epoch) < record.epoch
  if (verdict.kind === 'joinable' && !behindOwn) {
    if (verdict.standing !== 'at-floor' && verdict.policy.members.size > 1) held ??= 'unconfirmed'
    return { policy: verdict.policy, held, standing: verdict.standing }
  }
  refuseJoin(core, chat, verdict.kind === 'refused' ? verdict.refusal : behindOwn ? 'below-floor' : verdict.kind)
  return undefined
}

function judge(
  core: Core,
  chat: ChatId,
  accounts: ReadonlySet<AccountId>,
  view: Seen,
  options: { readonly byWelcome?: boolean },
): { verdict: ReturnType<typeof judgeJoin>; held: Admitted['held'] } {
  const floor = floorOf(core.db, chat)
  const input = { view, own: core.mustOwn().account, floor, accounts: accountsOf(core, accounts), ...options }
  const verdict = judgeJoin(input)
  if (verdict.kind !== 'refused' || verdict.refusal !== 'unknown-member') return { verdict, held: undefined }
  return { verdict: judgeJoin({ ...input, followed: accounts }), held: 'newcomers' }
}

/**
 * Once per connection the relay has told where the logs of all those stand who were in a chat with this account then, and
 * tells of every change: what is kept of them is the newest. Of a chat that came later it has not.
 */
function toBeAsked(core: Core, chat: ChatId, accounts: ReadonlySet<AccountId>): readonly AccountId[] {
  if (!wasTold(core, chat)) return [...accounts]
  const late = new Set(behindNow(core))
  return [...accounts].filter((account) => late.has(account) || stateOf(core, account) === undefined)
}

/** Whether a chat of this id can be of that kind: the account has one self chat, and a pair's chat is named by the pair (C2). */
function isOf(core: Core, chat: ChatId, policy: Policy): boolean {
  const [one, other] = [...policy.members.keys()]
  switch (policy.kind) {
    case 'self':
      return (
        chat === selfChatOf(core) || (policy.predecessor !== undefined && policy.predecessor.chat === selfChatOf(core))
      )
    case 'direct':
      return (
        chat !== selfChatOf(core) &&
        (one === undefined || other === undefined || directChatId(one, other, policy.generation) === chat)
      )
    case 'group':
      return chat !== selfChatOf(core)
  }
}

/**
 * Nobody is let in by what the relay showed; said so in the chat. The next sync looks whether it shows better. Where that
 * need not come, the chat goes on in a successor (C13).
 */
export function refuseJoin(core: Core, chat: ChatId, why: string): void {
  core.write((emit) => {
    recordFault(core.db, 'join-refused', chat, Math.trunc(core.relayNow()), why)
    setChat(core.db, chat, isStuck(core, chat, why) ? { state: 'blocked', held: 'refused' } : { state: 'refused' })
    emit({ event: 'chat', chat, change: 'held' })
  })
}

/**
 * Whether nobody may ever show better: this is the last device of a chat's only account, or the newest epoch of two people
 * is of a device that was unlinked since, and the other person renews it only when they write (C7).
 */
function isStuck(core: Core, chat: ChatId, why: string): boolean {
  const policy = policyOf({ policy: chatRecord(core.db, chat)?.policy })
  if (policy?.kind === 'direct') return why === 'committer-invalid'
  const log = policy?.kind === 'self' ? stateOf(core, core.mustOwn().account) : undefined
  return log !== undefined && activeDevices(log).length === 1
}

/** R2: whom the relay delivers to has to be who is in the tree. */
export function compareRoster(core: Core, chat: ChatId, view: Seen, roster: GroupInfoResult['roster']): void {
  const tree = new Set(
    view.leaves.flatMap((leaf) => {
      const who = parseCredential(leaf.credential)
      return who === undefined ? [] : [`${who.account} ${who.device}`]
    }),
  )
  const said = new Set(roster.map((one) => `${parseAccountBytes(one.account)} ${parseDeviceBytes(one.device)}`))
  if (tree.size === said.size && [...tree].every((one) => said.has(one))) return
  core.write(() => recordFault(core.db, 'roster-differs', chat, Math.trunc(core.relayNow())))
}

/** What a GroupInfo says; undefined when it is none, or its signature does not hold. */
export function inspect(core: Core, groupInfo: Uint8Array): Seen | undefined {
  try {
    return core.engine().inspectGroupInfo(groupInfo)
  } catch (error) {
    if (error instanceof MlsError) return undefined
    throw error
  }
}
