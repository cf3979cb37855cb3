import { FailureCode, type Request } from '@quintet/wire'
import { appendLog } from '../accounts/append-log.ts'
import { authenticate, type Entrance, shutOutMeanwhile } from '../accounts/authenticate.ts'
import { keyPackageStock, putKeyPackages, takeKeyPackages } from '../accounts/key-packages.ts'
import { logs, lookup } from '../accounts/lookup.ts'
import { getKitBlob, handlesOf, lastSeen, putKitBlob, putStatement, setHandle } from '../accounts/own-account.ts'
import { signUp } from '../accounts/sign-up.ts'
import { type Answer, done, malformed, rateLimited, refuse } from '../answer.ts'
import { ack, setDelivered } from '../chats/ack.ts'
import { append } from '../chats/append.ts'
import { commit } from '../chats/commit.ts'
import { createChat } from '../chats/create-chat.ts'
import { fetchEntries } from '../chats/fetch.ts'
import { getGroupInfo, getWelcome } from '../chats/join-facts.ts'
import { leave } from '../chats/leave.ts'
import { signal } from '../chats/signal.ts'
import { sync } from '../chats/sync.ts'
import { offerClaim, type OfferEntrance, offerOpen, offerSend } from '../offers/offer-commands.ts'
import type { OfferListener, OfferSide } from '../offers/offer-book.ts'
import type { Caller, RelayCore } from '../relay-core.ts'

type Reply = (answer: Answer) => void

/** A connection, as far as requests go. */
export interface Visit extends OfferListener {
  readonly challenge: Uint8Array
  readonly caller: Caller | undefined
  /** Nobody hears an answer any more. */
  readonly isOver: boolean
  /** Resolves when there is room for more on the way to it. */
  taken(): Promise<void>
  /** Lets the device in. */
  enter(caller: Caller): void
}

const notIn: Answer = refuse(FailureCode.UNAUTHENTICATED, 'Only for a device that has signed in.')

/** Answers one request: limits first, then whoever may ask, then the command. */
export function answerRequest(core: RelayCore, session: Visit, request: Request, reply: Reply): void | Promise<void> {
  const { call } = request
  const { caller } = session
  const wait =
    caller === undefined
      ? core.limits.take('publicRequestsPerAddress', session.address)
      : call.case === 'append'
        ? undefined // counted by its own rate
        : core.limits.take('requests', caller.device)
  if (wait !== undefined) {
    core.observer.count('rate-limited')
    return reply(rateLimited(wait))
  }
  if (isDeviceCall(call)) {
    return caller === undefined ? reply(notIn) : answerDevice(core, session, caller, call, reply)
  }
  switch (call.case) {
    case undefined:
      return reply(malformed('The request'))
    case 'ping':
      return reply(done)
    case 'authenticate':
      return enter(core, session, authenticate(core, session.challenge, call.value), reply)
    case 'signUp':
      return enter(core, session, signUp(core, session.challenge, session.address, call.value), reply)
    case 'lookup': {
      const tooOften = core.limits.take('lookups', caller?.device ?? session.address)
      return tooOften === undefined ? lookup(core, call.value).then(reply) : reply(rateLimited(tooOften))
    }
    case 'logs':
      return logs(core, call.value).then(reply)
    case 'appendLog':
      return appendLog(core, caller, call.value, reply)
    case 'offerOpen':
      return follow(core, session, 'opener', offerOpen(core, session, call.value), reply)
    case 'offerSend':
      return reply(offerSend(core, caller, session, call.value))
  }
}

type PublicCase = 'ping' | 'authenticate' | 'signUp' | 'lookup' | 'logs' | 'appendLog' | 'offerOpen' | 'offerSend'
type DeviceCall = Exclude<Request['call'], { case: undefined | PublicCase }>

/** What one may ask without having signed in. */
const publicCases: ReadonlySet<string | undefined> = new Set<PublicCase | undefined>([
  undefined,
  'ping',
  'authenticate',
  'signUp',
  'lookup',
  'logs',
  'appendLog',
  'offerOpen',
  'offerSend',
])

function isDeviceCall(call: Request['call']): call is DeviceCall {
  return !publicCases.has(call.case)
}

function answerDevice(
  core: RelayCore,
  session: Visit,
  caller: Caller,
  call: DeviceCall,
  reply: Reply,
): void | Promise<void> {
  const read = (answer: () => Promise<Answer>): Promise<void> => {
    const whenThereIsRoom = async () => {
      await session.taken()
      return session.isOver ? done : answer()
    }
    return core.reads.run(caller.device, whenThereIsRoom, bytesIn).then(reply)
  }
  switch (call.case) {
    case 'append':
      return append(core, caller, call.value, reply)
    case 'commit':
      return commit(core, caller, call.value, reply)
    case 'sync':
      return sync(core, caller).then(reply)
    case 'fetch':
      return read(() => fetchEntries(core, caller, call.value))
    case 'createChat':
      return createChat(core, caller, call.value).then(reply)
    case 'ack':
      return ack(core, caller, call.value).then(reply)
    case 'getGroupInfo':
      return read(() => getGroupInfo(core, caller, call.value))
    case 'getWelcome':
      return read(() => getWelcome(core, caller, call.value))
    case 'leave':
      return leave(core, caller, call.value).then(reply)
    case 'setDelivered':
      return setDelivered(core, caller, call.value).then(reply)
    case 'signal':
      return signal(core, caller, call.value).then(reply)
    case 'putKeyPackages':
      return putKeyPackages(core, caller, call.value).then(reply)
    case 'takeKeyPackages':
      return takeKeyPackages(core, caller, call.value).then(reply)
    case 'keyPackageStock':
      return keyPackageStock(core, caller).then(reply)
    case 'putStatement':
      return putStatement(core, caller, call.value).then(reply)
    case 'setHandle':
      return setHandle(core, caller, call.value).then(reply)
    case 'handlesOf':
      return handlesOf(core, caller, call.value).then(reply)
    case 'offerClaim':
      return follow(core, session, 'approver', offerClaim(core, caller, session, call.value), reply)
    case 'putKitBlob':
      return putKitBlob(core, caller, call.value).then(reply)
    case 'getKitBlob':
      return read(() => getKitBlob(core, caller))
    case 'lastSeen':
      return lastSeen(core, caller).then(reply)
  }
}

/** How much of what the relay keeps an answer carries. */
function bytesIn(answer: Answer): number {
  if (answer.case === 'fetched') {
    return (answer.value.entries ?? []).reduce((so, { message }) => so + (message?.length ?? 0), 0)
  }
  if (answer.case === 'groupInfo') return answer.value.groupInfo?.length ?? 0
  if (answer.case === 'welcome') return answer.value.welcome?.length ?? 0
  return answer.case === 'kitBlob' ? (answer.value.blob?.length ?? 0) : 0
}

/** In, then answered: what is pushed from here on is for this connection. */
async function enter(core: RelayCore, session: Visit, entrance: Promise<Entrance>, reply: Reply): Promise<void> {
  const result = await entrance
  if ('refusal' in result) return reply(result.refusal)
  const out = shutOutMeanwhile(core, result.caller)
  if (out) return reply(out)
  session.enter(result.caller)
  reply(result.answer)
}

/** Answered, then told what the other side has sent already. */
function follow(core: RelayCore, visit: Visit, side: OfferSide, { answer, row }: OfferEntrance, reply: Reply): void {
  reply(answer)
  if (row) core.offers.attach(row, side, visit)
}
