import { expect, test } from 'vitest'
import { webTransport } from '../../src/worker/transport.ts'
import { type Rudeness, startPeer } from './peer.ts'

/** What a connection to `url` tells until it is closed; `whenOpen` is called once it is open. */
function lifeOf(url: string, ready?: () => Promise<unknown>, whenOpen = () => {}): Promise<readonly string[]> {
  const events: string[] = []
  return new Promise((over) => {
    webTransport(ready).open(url, {
      opened() {
        events.push('opened')
        whenOpen()
      },
      frame: () => events.push('frame'),
      closed() {
        events.push('closed')
        over(events)
      },
    })
  })
}

/** What a WebSocket promises besides the port's contract. */
export function transportTests(): void {
  test('an address that is none is told closed, as one where nobody answers', async () => {
    expect(await lifeOf('this is no address')).toEqual(['closed'])
  })

  for (const rudeness of ['text', 'too-long'] satisfies Rudeness[]) {
    test(`a frame that the relay never sends (${rudeness}) ends the connection and reaches nobody`, async () => {
      const peer = await startPeer()
      expect(await lifeOf(peer.url, undefined, () => peer.offend(rudeness))).toEqual(['opened', 'closed'])
      await peer.end()
    })
  }

  test('no connection is made before the engine is there, and none where it cannot be had', async () => {
    const peer = await startPeer()
    expect(await lifeOf(peer.url, () => Promise.reject(new TypeError('no engine')))).toEqual(['closed'])
    let isReady = false
    const ready = async () => {
      await new Promise((done) => setTimeout(done))
      isReady = true
    }
    const life = await lifeOf(peer.url, ready, () => {
      expect(isReady).toBe(true)
      peer.drop()
    })
    expect(life).toEqual(['opened', 'closed'])
    await peer.end()
  })
}
