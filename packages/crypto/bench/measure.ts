import type { OwnCommit, Suite } from '../src/mls-engine.ts'
import { Member } from './member.ts'

/** What is measured of a group of some size: milliseconds of the engine's calls, or bytes. */
export type Measured = Readonly<Record<(typeof times)[number] | (typeof bytes)[number], readonly number[]>>

export const times = [
  'commit_ms',
  'process_ms',
  'add_ms',
  'join_ms',
  'external_join_ms',
  'remove_ms',
  'send_ms',
  'open_ms',
] as const
export const bytes = [
  'commit_bytes',
  'welcome_bytes',
  'group_info_bytes',
  'text_bytes',
  'send_state_bytes',
  'open_state_bytes',
  'state_bytes',
] as const

type Into = Record<keyof Measured, number[]>

function newInto(): Into {
  const times = { commit_ms: [], process_ms: [], add_ms: [], join_ms: [], external_join_ms: [], remove_ms: [] }
  const messages = { send_ms: [], open_ms: [], text_bytes: [], send_state_bytes: [], open_state_bytes: [] }
  return { ...times, ...messages, commit_bytes: [], welcome_bytes: [], group_info_bytes: [], state_bytes: [] }
}

const none = new Uint8Array()
const chat = new Uint8Array(32).fill(7)
const plan = { addKeyPackages: [], removeLeaves: [], policy: undefined, aad: none }
/** A chat's policy of this many bytes an account stands in the group's context (C1). */
const policyBytesPerAccount = 42
const devicesEach = 5
/** Messages that are timed together: one alone is shorter than a browser's clock is fine. */
const burst = 50

function timed<T>(into: number[], run: () => T): T {
  const from = performance.now()
  const result = run()
  into.push(performance.now() - from)
  return result
}

function merge(by: Member, commit: Uint8Array): void {
  const opened = by.engine.open(chat, commit)
  if (opened.kind === 'commit') by.engine.mergeStaged(chat, opened.staged)
}

/**
 * Times one group of `leaves` devices, `runs` times each call, after one that does not count.
 *
 * All were added by one commit, so that whoever commits has to seal to each of them: the worst tree for it.
 */
export function measureGroup(module: WebAssembly.Module, suite: Suite, leaves: number, runs: number): Measured {
  const all = newInto()
  const [a, b, crowd] = [new Member(module, 'a'), new Member(module, 'b'), new Member(module, 'crowd')]
  const adds = [b.keyPackage(suite)]
  while (adds.length < leaves - 1) {
    crowd.becomes(`device ${adds.length}`)
    adds.push(crowd.keyPackage(suite))
  }
  a.engine.createGroup(chat, suite, new Uint8Array(Math.ceil(leaves / devicesEach) * policyBytesPerAccount))
  const first = a.engine.commit(chat, { ...plan, addKeyPackages: adds })
  a.engine.mergePending(chat)
  b.engine.acceptJoin(b.engine.stageWelcome(first.welcome ?? none).staged)
  a.save()
  b.save()
  for (let run = -1; run < runs; run++) {
    const into = run < 0 ? newInto() : all
    update(a, b, into)
    talk(a, b, into)
    comeAndGo(module, suite, a, into)
  }
  return all
}

function update(a: Member, b: Member, into: Into): void {
  const made = timed(into.commit_ms, () => a.engine.commit(chat, plan))
  into.commit_bytes.push(made.commit.length)
  into.group_info_bytes.push(made.groupInfo.length)
  a.save()
  a.engine.mergePending(chat)
  a.save()
  timed(into.process_ms, () => merge(b, made.commit))
  b.save()
}

function talk(a: Member, b: Member, into: Into): void {
  const text = new Uint8Array(100).fill(120)
  const sealed = a.engine.encrypt(chat, new Uint8Array(32), text)
  into.text_bytes.push(sealed.length)
  into.send_state_bytes.push(a.save())
  b.engine.open(chat, sealed)
  into.open_state_bytes.push(b.save())
  into.state_bytes.push(b.storedBytes())
  // Handing out the changed rows is a part of it: each message may be the last of its transaction.
  const waiting: Uint8Array[] = []
  const sends: number[] = []
  timed(sends, () => {
    for (let at = 0; at < burst; at++) {
      waiting.push(a.engine.encrypt(chat, new Uint8Array(32), text))
      a.save()
    }
  })
  const opens: number[] = []
  timed(opens, () => {
    for (const message of waiting) {
      b.engine.open(chat, message)
      b.save()
    }
  })
  into.send_ms.push((sends[0] ?? 0) / burst)
  into.open_ms.push((opens[0] ?? 0) / burst)
}

function comeAndGo(module: WebAssembly.Module, suite: Suite, a: Member, into: Into): void {
  const newcomer = new Member(module, 'newcomer')
  const keyPackage = newcomer.keyPackage(suite)
  const undone = (made: OwnCommit): OwnCommit => {
    a.engine.clearPending(chat)
    a.save()
    return made
  }
  const added = undone(timed(into.add_ms, () => a.engine.commit(chat, { ...plan, addKeyPackages: [keyPackage] })))
  into.welcome_bytes.push(added.welcome?.length ?? 0)
  timed(into.join_ms, () => newcomer.engine.acceptJoin(newcomer.engine.stageWelcome(added.welcome ?? none).staged))
  const info = a.engine.groupInfo(chat)
  const guest = new Member(module, 'guest')
  timed(into.external_join_ms, () => {
    guest.engine.inspectGroupInfo(info)
    guest.engine.joinExternal(info, none)
    guest.engine.replaceByScratch(chat)
  })
  undone(timed(into.remove_ms, () => a.engine.commit(chat, { ...plan, removeLeaves: [1] })))
}
