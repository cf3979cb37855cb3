import type { Peer } from '@quintet/client/ports.contract'

/** What the relay never sends: text, a frame beyond the limit. */
export type Rudeness = 'text' | 'too-long'

/** Somebody to talk to, who lives in the test's own process and is steered over a socket of its own. */
export async function startPeer(): Promise<Peer & { offend(how: Rudeness): void }> {
  const control = new WebSocket(new URL('/peer', location.href.replace(/^http/, 'ws')))
  control.binaryType = 'arraybuffer'
  const heard: Uint8Array[] = []
  const waiting: { readonly count: number; done(): void }[] = []
  const addresses = await new Promise<Pick<Peer, 'url' | 'deadUrl'>>((told, failed) => {
    control.onerror = () => failed(new TypeError('nobody steers a peer'))
    control.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (typeof data === 'string') told(JSON.parse(data))
      if (!(data instanceof ArrayBuffer)) return
      heard.push(new Uint8Array(data))
      for (const one of waiting) if (heard.length >= one.count) one.done()
    }
  })
  return {
    ...addresses,
    heard,
    hears: (count) => new Promise<void>((done) => (heard.length >= count ? done() : waiting.push({ count, done }))),
    send: (bytes) => control.send(bytes.slice()),
    drop: () => control.send('drop'),
    offend: (how) => control.send(how),
    end: () =>
      new Promise((done) => {
        control.onclose = () => done()
        control.close()
      }),
  }
}
