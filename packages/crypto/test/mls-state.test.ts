import { describe, expect, test } from 'vitest'
import { loadMlsEngine } from '@quintet/crypto'
import {
  authenticators,
  bytes,
  device,
  emptyPlan,
  engineModule,
  everyoneMerges,
  groupOf,
  join,
  keyPackage,
  plain,
  reading,
  refusal,
  Rows,
} from './mls-device.ts'

const chat = bytes('chat-1')

describe.each(['base', 'hybrid'] as const)('state of the %s suite', (suite) => {
  test('a device that was killed goes on from its rows', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    expect(reading(b, chat, a.engine.encrypt(chat, bytes(''), bytes('1')))).toBe('1')
    a.rows.commit(a.engine)
    b.rows.commit(b.engine)
    a.restart()
    b.restart()
    expect(a.engine.ownGeneration(chat)).toBe(1)
    expect(reading(b, chat, a.engine.encrypt(chat, bytes(''), bytes('2')))).toBe('2')
    expect(new Set(authenticators(chat, a, b)).size).toBe(1)
  })

  test('a pending commit survives a restart, both ways out of it', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    a.engine.commit(chat, emptyPlan)
    a.rows.commit(a.engine)
    a.restart()
    expect(a.engine.hasPending(chat)).toBe(true)
    a.engine.clearPending(chat)
    const { commit } = a.engine.commit(chat, { ...emptyPlan, policy: bytes('after') })
    a.rows.commit(a.engine)
    a.restart()
    everyoneMerges(chat, commit, a, b)
    expect(plain(a.engine.view(chat)?.policy ?? new Uint8Array())).toBe('after')
    expect(new Set(authenticators(chat, a, b)).size).toBe(1)
  })

  test('a resync in the scratch namespace survives a restart and takes the live state’s place', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    const { commit } = b.engine.joinExternal(a.engine.groupInfo(chat), bytes(''))
    b.rows.commit(b.engine)
    b.restart()
    expect(b.engine.view(chat)?.epoch).toBe(1n)
    const opened = a.engine.open(chat, commit.commit)
    if (opened.kind !== 'commit') throw new Error('not a commit')
    a.engine.mergeStaged(chat, opened.staged)
    b.engine.replaceByScratch(chat)
    b.rows.commit(b.engine)
    b.restart()
    expect(reading(a, chat, b.engine.encrypt(chat, bytes(''), bytes('healed')))).toBe('healed')
    expect(refusal(() => b.engine.replaceByScratch(chat))).toBe('unknown-group')
    everyoneMerges(chat, a.engine.commit(chat, emptyPlan).commit, a, b)
  })

  test('a dropped resync leaves the live state and no rows', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    const before = b.rows.size
    b.engine.joinExternal(a.engine.groupInfo(chat), bytes(''))
    b.rows.commit(b.engine)
    expect(b.rows.size).toBeGreaterThan(before)
    b.restart()
    b.engine.dropScratch(chat)
    b.rows.commit(b.engine)
    expect(b.rows.size).toBe(before)
    expect(reading(b, chat, a.engine.encrypt(chat, bytes(''), bytes('still in')))).toBe('still in')
  })

  test('a join by Welcome that was not accepted is gone after a restart, and can be made again', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a)
    const { welcome } = a.engine.commit(chat, { ...emptyPlan, addKeyPackages: [keyPackage(b, suite)] })
    b.engine.stageWelcome(welcome ?? new Uint8Array())
    b.rows.commit(b.engine)
    b.restart()
    expect(b.engine.view(chat)).toBeUndefined()
    join(b, welcome)
    b.restart()
    expect(b.engine.view(chat)?.epoch).toBe(1n)
  })

  test('a transaction that failed is forgotten: the next message takes the same generation anew', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    a.engine.encrypt(chat, bytes(''), bytes('never sent'))
    a.engine.takeChanges()
    a.engine.reload(chat)
    expect(a.engine.ownGeneration(chat)).toBe(0)
    const { commit } = b.engine.commit(chat, emptyPlan)
    const opened = a.engine.open(chat, commit)
    if (opened.kind !== 'commit') throw new Error('not a commit')
    a.engine.mergeStaged(chat, opened.staged)
    a.engine.reload(chat)
    expect(a.engine.view(chat)?.epoch).toBe(1n)
    expect(a.engine.takeChanges()).toEqual([])
    a.engine.reloadAll()
    expect(reading(b, chat, a.engine.encrypt(chat, bytes(''), bytes('sent')))).toBe('sent')
  })

  test('reloading one chat keeps what was collected for another', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    groupOf(bytes('chat-2'), suite, a, b)
    a.engine.encrypt(chat, bytes(''), bytes('x'))
    a.engine.encrypt(bytes('chat-2'), bytes(''), bytes('y'))
    a.engine.reload(chat)
    a.rows.commit(a.engine)
    a.restart()
    expect(a.engine.ownGeneration(chat)).toBe(0)
    expect(a.engine.ownGeneration(bytes('chat-2'))).toBe(1)
  })

  test('a deleted group leaves no row behind', () => {
    const a = device('a')
    const before = a.rows.size
    groupOf(chat, suite, a)
    a.engine.commit(chat, emptyPlan)
    a.engine.mergePending(chat)
    a.engine.joinExternal(a.engine.groupInfo(chat), bytes(''))
    a.rows.commit(a.engine)
    expect(a.rows.size).toBeGreaterThan(before)
    a.engine.deleteGroup(chat)
    a.rows.commit(a.engine)
    expect(a.rows.size).toBe(before)
    expect(a.engine.view(chat)).toBeUndefined()
  })

  test('history leaves no rows behind: they are as many after ten commits as after one', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    everyoneMerges(chat, a.engine.commit(chat, emptyPlan).commit, a, b)
    const before = [a.rows.size, b.rows.size]
    for (let round = 0; round < 10; round++) {
      everyoneMerges(chat, a.engine.commit(chat, emptyPlan).commit, a, b)
      everyoneMerges(chat, b.engine.commit(chat, emptyPlan).commit, b, a)
    }
    expect([a.rows.size, b.rows.size]).toEqual(before)
  })

  test('a message costs either side at most 4 KiB of rows among ten devices that all talk', () => {
    const all = Array.from({ length: 10 }, (_, at) => device(`device-${at}`))
    const [a, b] = all
    if (!a || !b) throw new Error('no devices')
    groupOf(chat, suite, a, ...all.slice(1))
    for (const speaker of all) {
      const said = speaker.engine.encrypt(chat, bytes(''), bytes('hello'))
      for (const reader of all) if (reader !== speaker) reading(reader, chat, said)
    }
    for (const one of all) one.rows.commit(one.engine)
    const said = a.engine.encrypt(chat, bytes(''), bytes('hello'))
    reading(b, chat, said)
    expect(a.rows.commit(a.engine)).toBeLessThanOrEqual(4096)
    expect(b.rows.commit(b.engine)).toBeLessThanOrEqual(4096)
  })

  test('the policy’s size is not part of what a message costs', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, suite, a, b)
    everyoneMerges(chat, a.engine.commit(chat, { ...emptyPlan, policy: new Uint8Array(32_000) }).commit, a, b)
    reading(b, chat, a.engine.encrypt(chat, bytes(''), bytes('x')))
    expect(a.rows.commit(a.engine)).toBeLessThanOrEqual(1024)
    expect(b.rows.commit(b.engine)).toBeLessThanOrEqual(1024)
    a.restart()
    b.restart()
    expect(reading(b, chat, a.engine.encrypt(chat, bytes(''), bytes('y')))).toBe('y')
  })
})

describe('engines', () => {
  test('side by side share nothing', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, 'base', a)
    expect(b.engine.view(chat)).toBeUndefined()
    expect(b.engine.takeChanges()).toEqual([])
    expect(refusal(() => b.engine.useIdentity(a.key, bytes('a')))).toBe('engine')
  })

  test('let the least recently used groups go, and find them again in their rows', () => {
    const a = device('a', { maxLoadedBytes: 30_000 })
    const chats = Array.from({ length: 20 }, (_, at) => bytes(`chat-${at}`))
    for (const one of chats) a.engine.createGroup(one, 'base', bytes('policy'))
    expect(a.engine.loadedBytes).toBeLessThanOrEqual(30_000)
    expect(a.engine.loadedBytes).toBeGreaterThan(0)
    for (const one of chats) expect(a.engine.view(one)?.epoch).toBe(0n)
    a.rows.commit(a.engine)
    for (const one of chats) a.engine.encrypt(one, bytes(''), bytes('x'))
    for (const one of chats) expect(a.engine.ownGeneration(one)).toBe(1)
  })

  test('merge a staged commit after its group was let go', () => {
    const [a, b] = [device('a'), device('b', { maxLoadedBytes: 1 })]
    groupOf(chat, 'base', a, b)
    const opened = b.engine.open(chat, a.engine.commit(chat, emptyPlan).commit)
    if (opened.kind !== 'commit') throw new Error('not a commit')
    b.engine.createGroup(bytes('chat-2'), 'base', bytes(''))
    expect(b.engine.mergeStaged(chat, opened.staged).epoch).toBe(2n)
  })

  test('say that stored rows are damaged', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, 'base', a, b)
    a.rows.damage()
    a.engine.reloadAll()
    expect(refusal(() => a.engine.view(chat))).toBe('state-damaged')
    expect(refusal(() => a.engine.encrypt(chat, bytes(''), bytes('x')))).toBe('state-damaged')
  })

  test.each<readonly [string, readonly [kind: number, value?: Uint8Array]]>([
    ['whose keys are lost', [10]],
    ['that has none', [10, Uint8Array.of(0)]],
    ['that takes another’s place for its own', [8, Uint8Array.of(2)]],
    ['that takes nobody’s place for its own', [8, Uint8Array.of(77)]],
  ])('say that the state is damaged of a device %s, not that a commit does not fit', (_, [kind, value]) => {
    const [maker, letIn, alone, other] = [device('a'), device('b'), device('c'), device('d')]
    groupOf(chat, 'base', maker, letIn, other)
    const { commit } = alone.engine.joinExternal(maker.engine.groupInfo(chat), bytes(''))
    for (const one of [maker, letIn, other]) {
      const opened = one.engine.open(chat, commit.commit)
      if (opened.kind !== 'commit') throw new Error('not a commit')
      one.engine.mergeStaged(chat, opened.staged)
    }
    alone.engine.replaceByScratch(chat)
    const later = other.engine.commit(chat, emptyPlan).commit
    for (const one of [maker, letIn, alone]) {
      one.rows.commit(one.engine)
      one.rows.change(kind, value)
      one.restart()
      expect(refusal(() => one.engine.open(chat, later))).toBe('state-damaged')
    }
  })

  test('say that the rows could not be read, with the reader’s own reason, and go on when they can', () => {
    const rows = new Rows()
    let broken = false
    const engine = loadMlsEngine(engineModule(), {
      read(key) {
        if (broken) throw new RangeError('disk gone')
        return rows.read(key)
      },
    })
    engine.useIdentity(engine.createSigner(), bytes('a'))
    engine.createGroup(chat, 'base', bytes(''))
    rows.commit(engine)
    engine.reloadAll()
    broken = true
    expect(() => engine.view(chat)).toThrow(
      expect.objectContaining({ code: 'engine', cause: new RangeError('disk gone') }),
    )
    broken = false
    expect(engine.view(chat)?.epoch).toBe(0n)
  })

  test('start anew after a trap, once the caller has taken note, from what the rows know', () => {
    const rows = new Rows()
    let reenter = false
    const engine = loadMlsEngine(engineModule(), {
      read(key) {
        // The engine is not to be entered while it reads: it traps, as on a panic of its own.
        if (reenter) engine.takeChanges()
        return rows.read(key)
      },
    })
    const key = engine.createSigner()
    rows.commit(engine)
    engine.useIdentity(key, bytes('a'))
    engine.createGroup(chat, 'base', bytes(''))
    rows.commit(engine)
    engine.encrypt(chat, bytes(''), bytes('lost with the trap'))
    reenter = true
    expect(refusal(() => engine.view(bytes('chat-2')))).toBe('engine')
    reenter = false
    expect(refusal(() => engine.view(chat))).toBe('engine')
    expect(refusal(() => engine.takeChanges())).toBe('engine')
    engine.reloadAll()
    expect(engine.ownGeneration(chat)).toBe(0)
    engine.encrypt(chat, bytes(''), bytes('sent'))
    expect(engine.ownGeneration(chat)).toBe(1)
  })

  test('survive a stack that ends in or near them', () => {
    const [a, b] = [device('a'), device('b')]
    groupOf(chat, 'hybrid', a, b)
    const said = a.engine.encrypt(chat, bytes(''), bytes('x'))
    let outcome: string | undefined
    const dig = (): void => {
      try {
        dig()
      } catch (error) {
        // One frame up at a time, until there is room to enter the engine, but not to finish in it.
        outcome ??= refusal(() => b.engine.commit(chat, emptyPlan))
        throw error
      }
    }
    expect(dig).toThrow(RangeError)
    // How much of a commit fits into the last frames is the runtime's affair; that it was whole or not at all is ours.
    expect(['engine', 'no refusal']).toContain(outcome)
    b.engine.reloadAll()
    expect(b.engine.hasPending(chat)).toBe(false)
    expect(reading(b, chat, said)).toBe('x')
  })
})
