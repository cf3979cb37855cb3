import { bytesOf } from '@quintet/domain'
import { activeDevices, entryHash } from '@quintet/identity'
import { FailureCode, FailureSchema, create, LogEntrySchema, type SignedStatement, toBinary } from '@quintet/wire'
import { beforeEach, describe, expect, test } from 'vitest'
import { logAnswer, type TestAccount, testAccount, testDevice } from '../../test/account.ts'
import { createScriptedCore } from '../../test/scripted-core.ts'
import { RelayFailure } from '../relay/link.ts'
import { recordFault } from '../store/fault.ts'
import { setMeta } from '../store/meta.ts'
import { numberOf, textOf } from '../store/row.ts'
import { behind, isDisputed, noteHead, noteToldHead, refresh, stateOf } from './directory.ts'
import { handleOf, learnHandles, lookup } from './handle.ts'
import { writeOwn } from './own.ts'
import { suiteFor } from './statement.ts'

/** Two entries as they are kept and passed on together. */
function pairOf(a: Uint8Array, b: Uint8Array): Uint8Array {
  const pair = new Uint8Array(4 + a.length + b.length)
  new DataView(pair.buffer).setUint32(0, a.length)
  pair.set(a, 4)
  pair.set(b, 4 + a.length)
  return pair
}

type Script = ReturnType<typeof createScriptedCore>

describe("other people's device logs", () => {
  let mara: TestAccount
  let served: TestAccount['entries']
  let statements: SignedStatement[]
  let script: Script
  const faults = () => script.db.all('select kind from fault order by id').map((row) => textOf(row, 'kind'))

  beforeEach(async () => {
    mara = await testAccount()
    served = [...mara.entries]
    statements = []
    script = createScriptedCore({
      answer(name, init) {
        if (name !== 'logs') throw new Error('unexpected')
        const from = Number((init as { accounts: { fromPosition: bigint }[] }).accounts[0]?.fromPosition ?? 0n)
        return { logs: [logAnswer(mara.account, served.slice(from), statements)] }
      },
    })
  })

  test('are fetched once and followed from where one stands', async () => {
    await refresh(script.core, [mara.account])
    expect(stateOf(script.core, mara.account)?.head).toEqual(mara.state.head)
    const laptop = testDevice('desktop')
    await mara.extend({ kind: 'add', identity: laptop.identity, manageClaim: true }, undefined, laptop)
    served = [...mara.entries]
    await refresh(script.core, [mara.account])
    expect(activeDevices(stateOf(script.core, mara.account) ?? mara.state).map((record) => record.device)).toContain(
      laptop.identity.device,
    )
    expect(script.asked.at(-1)?.init).toEqual({ accounts: [{ account: bytesOf(mara.account), fromPosition: 0n }] })
    expect(faults()).toEqual([])
  })

  test('that a head was told of are behind until they are fetched', async () => {
    await refresh(script.core, [mara.account])
    expect(behind(script.core, [mara.account])).toEqual([])
    await mara.extend({ kind: 'set-rights', device: mara.first.identity.device, manage: true })
    expect(noteHead(script.core, mara.account, mara.state.head)).toBe('ahead')
    expect(behind(script.core, [mara.account])).toEqual([mara.account])
    served = [...mara.entries]
    await refresh(script.core, [mara.account])
    expect(behind(script.core, [mara.account])).toEqual([])
    expect(noteHead(script.core, mara.account, mara.state.head)).toBe('same')
  })

  test('that a relay shortens are not believed (D12)', async () => {
    const laptop = testDevice('desktop')
    await mara.extend({ kind: 'add', identity: laptop.identity, manageClaim: true }, undefined, laptop)
    await mara.extend({ kind: 'remove', device: laptop.identity.device })
    served = [...mara.entries]
    await refresh(script.core, [mara.account])
    served = mara.entries.slice(0, 2)
    await refresh(script.core, [mara.account])
    expect(stateOf(script.core, mara.account)?.head.position).toBe(2n)
    expect(faults()).toEqual(['log-rollback'])
    // The newer one is kept, and nothing in it is in doubt.
    expect(isDisputed(script.core, mara.account)).toBe(false)
  })

  test('that a relay forks are found out, with the proof kept (D11)', async () => {
    const other = await mara.entry({ kind: 'make-main', device: mara.first.identity.device })
    await mara.extend({ kind: 'set-rights', device: mara.first.identity.device, manage: true })
    served = [...mara.entries]
    await refresh(script.core, [mara.account])
    served = [...mara.entries.slice(0, 1), other]
    await refresh(script.core, [mara.account])
    expect(stateOf(script.core, mara.account)?.head.hash).toEqual(entryHash(mara.entries[1] ?? other))
    expect(faults()).toEqual(['log-fork'])
    const proof = script.db.get('select length(detail) as size from fault')
    expect(proof && numberOf(proof, 'size')).toBeGreaterThan(200)
    expect(isDisputed(script.core, mara.account)).toBe(true)
  })

  test('with an entry that does not follow are kept up to it', async () => {
    const laptop = testDevice('desktop')
    const unsigned = await mara.entry(
      { kind: 'add', identity: laptop.identity, manageClaim: true },
      undefined,
      testDevice(),
    )
    served = [...mara.entries, unsigned]
    await refresh(script.core, [mara.account])
    expect(stateOf(script.core, mara.account)?.head.position).toBe(0n)
    expect(faults()).toEqual(['log-fault'])
  })

  test('of another account are not taken for theirs', async () => {
    const stranger = await testAccount()
    served = [...stranger.entries]
    await refresh(script.core, [mara.account])
    expect(stateOf(script.core, mara.account)).toBeUndefined()
  })

  test('survive a restart: what was stored replays to the same', async () => {
    await mara.extend({ kind: 'set-rights', device: mara.first.identity.device, manage: true })
    served = [...mara.entries]
    await refresh(script.core, [mara.account])
    const again = { ...script.core, db: { ...script.db } }
    expect(stateOf(again, mara.account)).toEqual(mara.state)
    script.db.run('update account set state_blob = null')
    expect(stateOf({ ...again, db: { ...script.db } }, mara.account)).toEqual(mara.state)
  })

  test('carry statements: the newest counts, an older one is a downgrade that changes nothing (D5)', async () => {
    statements = [await mara.statement(mara.first, 2n)]
    await refresh(script.core, [mara.account])
    expect(suiteFor(script.core, [mara.account])).toBe('hybrid')
    statements = [await mara.statement(mara.first, 1n, ['base'])]
    await refresh(script.core, [mara.account])
    expect(suiteFor(script.core, [mara.account])).toBe('hybrid')
    expect(faults()).toEqual(['statement-downgrade'])
    statements = [await mara.statement(mara.first, 3n, ['base'])]
    await refresh(script.core, [mara.account])
    expect(suiteFor(script.core, [mara.account])).toBe('base')
  })

  test('that a restored relay has lost the end of are no lie for a month, and not believed either (R9)', async () => {
    await mara.extend({ kind: 'set-rights', device: mara.first.identity.device, manage: true })
    served = [...mara.entries]
    statements = [await mara.statement(mara.first, 2n)]
    await refresh(script.core, [mara.account])
    setMeta(script.db, 'restored-at', script.core.clock.now())
    served = mara.entries.slice(0, 1)
    await refresh(script.core, [mara.account])
    served = [...mara.entries]
    statements = [await mara.statement(mara.first, 1n, ['base'])]
    await refresh(script.core, [mara.account])
    expect([stateOf(script.core, mara.account)?.head, faults()]).toEqual([mara.state.head, []])
    expect(suiteFor(script.core, [mara.account])).toBe('hybrid')
    setMeta(script.db, 'restored-at', script.core.clock.now() - 31 * 24 * 60 * 60 * 1000)
    await refresh(script.core, [mara.account])
    served = mara.entries.slice(0, 1)
    await refresh(script.core, [mara.account])
    expect(faults()).toEqual(['statement-downgrade', 'log-rollback'])
  })

  test('carry no statement of a device that is not theirs', async () => {
    statements = [await mara.statement(testDevice(), 1n)]
    await refresh(script.core, [mara.account])
    expect(suiteFor(script.core, [mara.account])).toBe('base')
  })

  test("of one's own account tell this device what changed, and by whom", async () => {
    writeOwn(script.db, { account: mara.account, device: mara.first.identity.device, position: 0n })
    await refresh(script.core, [mara.account])
    expect(script.events).toEqual([])
    const laptop = testDevice('desktop')
    await mara.extend({ kind: 'add', identity: laptop.identity, manageClaim: false }, undefined, laptop)
    await mara.extend({ kind: 'make-main', device: laptop.identity.device })
    await mara.extend({ kind: 'remove', device: laptop.identity.device })
    served = [...mara.entries]
    await refresh(script.core, [mara.account])
    const device = laptop.identity.device
    const by = mara.first.identity.device
    expect(script.events).toEqual([
      { event: 'device', change: 'added', device, by },
      { event: 'device', change: 'main', device, by },
      { event: 'device', change: 'removed', device, by },
    ])
  })

  test('a head that no log can have is not believed', async () => {
    await refresh(script.core, [mara.account])
    noteHead(script.core, mara.account, { position: 2n ** 60n, hash: new Uint8Array(8) })
    expect(behind(script.core, [mara.account])).toEqual([])
  })

  test('two entries that somebody says were found count if they are two for one place (D11)', async () => {
    await refresh(script.core, [mara.account])
    recordFault(script.db, 'log-fork', mara.account, 0)
    const tell = (proof: Uint8Array) => script.db.run("update fault set detail = ? where kind = 'log-fork'", proof)
    const [genesis] = mara.entries.map((entry) => toBinary(LogEntrySchema, entry))
    if (genesis === undefined) return expect.unreachable('every log has one')
    for (const words of [new Uint8Array(3), new Uint8Array(40).fill(7), pairOf(genesis, genesis)]) {
      tell(words)
      expect(isDisputed(script.core, mara.account)).toBe(false)
    }
    const [one, other] = await Promise.all([true, false].map((manage) => next(manage)))
    if (one === undefined || other === undefined) return expect.unreachable('both were made')
    tell(pairOf(one, other))
    expect(isDisputed(script.core, mara.account)).toBe(true)

    /** What could follow the log that is kept: its owner signed both. */
    async function next(manage: boolean): Promise<Uint8Array> {
      const entry = await mara.entry({ kind: 'set-rights', device: mara.first.identity.device, manage })
      return toBinary(LogEntrySchema, entry)
    }
  })

  test('what the relay alone says of a log holds nothing once it has shown the log (D10)', async () => {
    await refresh(script.core, [mara.account])
    for (const head of [
      { position: 0n, hash: new Uint8Array(8) },
      { position: 9n, hash: new Uint8Array(8) },
    ]) {
      noteToldHead(script.core, mara.account, head)
      expect(behind(script.core, [mara.account])).toEqual([mara.account])
      await refresh(script.core, [mara.account])
      expect(behind(script.core, [mara.account])).toEqual([])
    }
    expect(faults()).toEqual([])
    expect(isDisputed(script.core, mara.account)).toBe(false)
  })

  test('another view of the same position is noted', async () => {
    await refresh(script.core, [mara.account])
    expect(noteHead(script.core, mara.account, { position: 0n, hash: new Uint8Array(8) })).toBe('forked')
    expect(faults()).toEqual(['log-forked-view'])
  })
})

describe('handles', () => {
  test('an unknown handle and one that cannot be are told alike', async () => {
    const { core } = createScriptedCore({
      answer() {
        throw new RelayFailure(create(FailureSchema, { code: FailureCode.UNKNOWN_HANDLE }))
      },
    })
    await expect(lookup(core, 'mara')).rejects.toMatchObject({ code: 'unknown-handle' })
    await expect(lookup(core, 'No Such')).rejects.toMatchObject({ code: 'unknown-handle' })
  })

  test('a handle that now is somebody else is told with who it was (D13)', async () => {
    const [one, two] = [await testAccount(), await testAccount()]
    let holder = one
    const { core } = createScriptedCore({
      answer: () => ({ account: bytesOf(holder.account), head: { position: 0n, hash: holder.state.head.hash } }),
    })
    expect(await lookup(core, 'mara')).toEqual({ account: one.account, before: undefined })
    expect(await lookup(core, 'mara')).toEqual({ account: one.account, before: one.account })
    holder = two
    expect(await lookup(core, 'mara')).toEqual({ account: two.account, before: one.account })
    expect(handleOf(core, one.account)).toBeUndefined()
    expect(handleOf(core, two.account)).toBe('mara')
  })

  test('the relay cannot name accounts that nobody asked about', async () => {
    const [one, two] = [await testAccount(), await testAccount()]
    const { core } = createScriptedCore({
      answer: () => ({
        handles: [
          { account: bytesOf(one.account), handle: 'one' },
          { account: bytesOf(two.account), handle: 'two' },
        ],
      }),
    })
    await learnHandles(core, [one.account])
    expect(handleOf(core, one.account)).toBe('one')
    expect(handleOf(core, two.account)).toBeUndefined()
  })
})
