import { create, FailureCode, FailureSchema, PushSchema } from '@quintet/wire'
import { beforeEach, describe, expect, test } from 'vitest'
import { createScriptedCore } from '../../test/scripted-core.ts'
import { ConnectionLost, RelayFailure } from '../relay/link.ts'
import { openChannel } from './offer-channel.ts'

const offer = new Uint8Array(16).fill(5)
const bytes = (letter: string) => new TextEncoder().encode(letter)

describe('the conversation over a link offer', () => {
  let script: ReturnType<typeof createScriptedCore>
  let attached: number
  let outcome: () => unknown
  let channel: ReturnType<typeof openChannel>

  beforeEach(() => {
    attached = 0
    outcome = () => ({})
    script = createScriptedCore({ answer: () => outcome() })
    channel = openChannel(script.core, offer, async () => {
      attached += 1
    })
  })
  const arrive = (index: number, message: Uint8Array, of = offer) =>
    script.push(create(PushSchema, { kind: { case: 'offerMessage', value: { offer: of, index, message } } }))

  test('gives messages in order, each once', async () => {
    arrive(0, bytes('a'))
    arrive(1, bytes('b'))
    arrive(0, bytes('a')) // repeated after a new connection
    expect(await channel.next()).toEqual({ kind: 'message', bytes: bytes('a') })
    expect(await channel.next()).toEqual({ kind: 'message', bytes: bytes('b') })
    const third = channel.next()
    arrive(2, bytes('c'))
    expect(await third).toEqual({ kind: 'message', bytes: bytes('c') })
  })

  test('is not disturbed by the messages of another offer', async () => {
    arrive(0, bytes('x'), new Uint8Array(16))
    arrive(0, bytes('a'))
    expect(await channel.next()).toEqual({ kind: 'message', bytes: bytes('a') })
  })

  test.each([
    ['replaces a message', () => [arrive(0, bytes('a')), arrive(0, bytes('b'))]],
    ['leaves one out', () => [arrive(0, bytes('a')), arrive(2, bytes('c'))]],
  ])('a relay that %s is caught', async (_what, play) => {
    play()
    expect(await channel.next()).toEqual({ kind: 'tampered' })
  })

  test('ends when the offer does', async () => {
    channel.expireAt(script.core.relayNow() + 120_000)
    const waiting = channel.next()
    script.ring()
    expect(await waiting).toEqual({ kind: 'expired' })
  })

  test('numbers what it sends, and sends it again under the same number when the connection broke', async () => {
    let broken = true
    outcome = () => {
      if (!broken) return {}
      broken = false
      throw new ConnectionLost('cut')
    }
    await channel.send(bytes('a'))
    await channel.send(bytes('b'))
    expect(script.asked.map(({ init }) => init)).toEqual([
      { offer, index: 0, message: bytes('a') },
      { offer, index: 0, message: bytes('a') },
      { offer, index: 1, message: bytes('b') },
    ])
    expect(attached).toBe(1)
  })

  test('takes its place again on every new connection', () => {
    script.state('offline')
    script.state('online')
    expect(attached).toBe(1)
    channel.close()
    script.state('online')
    expect(attached).toBe(1)
  })

  test('tells that the offer is over when the relay says so', async () => {
    outcome = () => {
      throw new RelayFailure(create(FailureSchema, { code: FailureCode.OFFER_INVALID }))
    }
    await expect(channel.send(bytes('a'))).rejects.toMatchObject({ code: 'offer-invalid' })
  })
})
