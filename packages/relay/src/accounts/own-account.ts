import { bytesOf, parseAccountBytes, parseHandle } from '@quintet/domain'
import { activeDevices, decodeStatement, newerStatement, parseStatement } from '@quintet/identity'
import {
  FailureCode,
  fromBinary,
  type HandlesOf,
  type PutKitBlob,
  type PutStatement,
  type SetHandle,
  SignedStatementSchema,
  toBinary,
} from '@quintet/wire'
import { type Answer, done, malformed, notAllowed, refusalOf, refuse } from '../answer.ts'
import { isComingBack } from '../coming-back.ts'
import type { Caller, RelayCore } from '../relay-core.ts'
import { idleNear } from './idle.ts'
import { handleInvalid, handleTaken, tried } from './sign-up.ts'

/**
 * D5: keeps the statement with the highest counter. The same one again is harmless, a lower one is refused.
 *
 * It is of the device that asks; after a restore (R9) also of any other, since it is signed.
 */
export async function putStatement(core: RelayCore, caller: Caller, call: PutStatement): Promise<Answer> {
  const { statement: signed } = call
  const named = signed && decodeStatement(signed.statement)
  if (!signed || !named || !(named.device === caller.device || isComingBack(core))) return malformed('The statement')
  const { account, device } = named
  const live = await core.accounts.get(account)
  if (!live || !parseStatement(signed, live.state).ok) return malformed('The statement')
  const head = Number(live.state.head.position)
  const log = await core.store.accounts.log(account, head + 1)
  const kept = log?.statements
    .map((bytes) => fromBinary(SignedStatementSchema, bytes))
    .find((each) => decodeStatement(each.statement)?.device === device)
  switch (newerStatement(kept, signed)) {
    case 'same':
      return done
    case 'downgrade':
      return notAllowed('A newer statement of this device is known.')
    case 'newer': {
      const bytes = toBinary(SignedStatementSchema, signed)
      const failed = await tried(core.store.accounts.putStatement(account, device, bytes))
      return failed ? refusalOf(failed) : done
    }
  }
}

/** Takes another handle, or gives it up; the one before is free at once. */
export async function setHandle(core: RelayCore, caller: Caller, call: SetHandle): Promise<Answer> {
  const handle = call.handle === '' ? undefined : parseHandle(call.handle)
  if (handle === undefined && call.handle !== '') return handleInvalid
  return core.accounts.inOrder(caller.account, async (live): Promise<Answer> => {
    if (live === undefined) return notAllowed('This account is not here.')
    const before = live.handle
    if (before === handle) return done
    const now = core.runtime.clock.now()
    const { handles, accounts } = core.store
    const claimed = handle && (await tried(handles.claim(handle, caller.account, now)))
    if (claimed) return claimed.code === 'conflict' ? handleTaken : refusalOf(claimed)
    const failed = await tried(accounts.setHandle(caller.account, handle))
    if (failed) {
      if (handle) await tried(handles.release(handle, caller.account, now))
      return refusalOf(failed)
    }
    live.handle = handle
    if (before) await tried(handles.release(before, caller.account, now))
    return done
  })
}

/** Accounts of one request. */
const maxAsked = 1000

/** M3: the handles of accounts that one shares a chat with; of others it says nothing. */
export async function handlesOf(core: RelayCore, caller: Caller, call: HandlesOf): Promise<Answer> {
  if (call.accounts.length > maxAsked) return refuse(FailureCode.TOO_LARGE, 'Ask for fewer handles at once.')
  const near = new Set([caller.account, ...(await core.store.chats.sharers(caller.account))])
  const asked = call.accounts.map(parseAccountBytes)
  const allowed = new Set(asked.filter((account) => account !== undefined).filter((account) => near.has(account)))
  const handles = await core.store.accounts.handlesOf([...allowed])
  return {
    case: 'handles',
    value: {
      handles: call.accounts.map((account, at) => {
        const id = asked[at]
        return { account, handle: (id && handles.get(id)) ?? '' }
      }),
    },
  }
}

/** When one's own devices were last here, and which of others' have long been away (C11). */
export async function lastSeen(core: RelayCore, caller: Caller): Promise<Answer> {
  const live = await core.accounts.get(caller.account)
  const seen = await core.store.accounts.seen(caller.account)
  const now = core.runtime.clock.now()
  const devices = live ? activeDevices(live.state) : []
  return {
    case: 'lastSeen',
    value: {
      devices: devices.map(({ device }) => {
        const connected = core.hub.device(device) !== undefined
        const atMs = connected ? now : (core.progress.lastSaw(device) ?? seen.get(device) ?? 0)
        return { device: bytesOf(device), connected, atMs: BigInt(atMs) }
      }),
      idle: await idleNear(core, caller),
    },
  }
}

const maxKitBlobBytes = 1024 * 1024

/** H8: sealed to the kit, for whoever comes with it. */
export async function putKitBlob(core: RelayCore, caller: Caller, call: PutKitBlob): Promise<Answer> {
  if (call.blob.length > maxKitBlobBytes) return refuse(FailureCode.TOO_LARGE, 'The kit blob is too large.')
  const now = core.runtime.clock.now()
  const failed = await tried(core.store.accounts.putKitBlob(caller.account, call.blob.slice(), now))
  return failed ? refusalOf(failed) : done
}

export async function getKitBlob(core: RelayCore, caller: Caller): Promise<Answer> {
  const kept = await core.store.accounts.kitBlob(caller.account)
  if (kept === undefined) return refuse(FailureCode.NONE, 'Nothing is kept for the kit here.')
  return { case: 'kitBlob', value: { blob: kept.blob, atMs: BigInt(kept.atMs) } }
}
