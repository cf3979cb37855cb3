/** The least page: what the tests ask of a client, over what an app would use. */
import { ClientError, type ClientEvent, open, type WebClient } from '@quintet/client-web'

/** What came of it, in a form that leaves the page. */
type Outcome = { readonly value: unknown } | { readonly code: string; readonly sentence: string }

/** TypeScript's DOM does not know it yet. A policy's URL stands wherever a string would. */
declare const trustedTypes: {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { readonly createScriptURL: (url: string) => string }
}

let client: WebClient | undefined
const faults: string[] = []
const sent: string[] = []
let linking: Promise<Outcome> | undefined
const events: ClientEvent[] = []
const holders: Worker[] = []
const listeners = new Set<() => void>()

const scripts = trustedTypes.createPolicy('quintet', {
  createScriptURL(url) {
    if (new URL(url, location.href).origin === location.origin) return url
    throw new TypeError('a script of another origin')
  },
})

/** As a bundler's `new URL('./worker.ts', import.meta.url)`, under Trusted Types. */
function startWorker(script: string, name = script): Worker {
  return new Worker(scripts.createScriptURL(`/${script}.js`), { type: 'module', name })
}

async function outcome(work: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { value: await work() }
  } catch (error) {
    if (error instanceof ClientError) return { code: error.code, sentence: error.message }
    return { code: error instanceof Error ? error.name : 'thrown', sentence: String(error) }
  }
}

function has(whole: unknown, part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return whole === part
  if (typeof whole !== 'object' || whole === null) return false
  const fields = new Map(Object.entries(whole))
  return Object.entries(part).every(([name, value]) => has(fields.get(name), value))
}

const story = {
  /** Has one more worker take the files; resolves to what it says. */
  hold: (name: 'holder' | 'failing') =>
    new Promise((told, failed) => {
      const worker = startWorker('holder', name)
      holders.push(worker)
      worker.onmessage = ({ data }: MessageEvent<{ readonly fault?: string }>) => {
        if (data.fault !== undefined) worker.terminate()
        told(data)
      }
      worker.onerror = ({ message }) => failed(new TypeError(message))
    }),
  /** Ends those workers. */
  letGo: () => {
    for (const worker of holders.splice(0)) worker.terminate()
  },
  /** Runs the contracts of the ports in a worker; resolves to the verdicts. */
  contract: () =>
    new Promise((told, failed) => {
      const worker = startWorker('contract')
      worker.onmessage = ({ data }: MessageEvent<unknown>) => told(data)
      worker.onerror = ({ message }) => failed(new TypeError(message))
    }),
  open: (relay: string | undefined, waitMs: number) =>
    outcome(async () => {
      client = await open({
        worker: () => startWorker('worker'),
        engine: '/quintet_mls.wasm',
        onBroken: (fault) => faults.push(fault.message),
        waitMs,
        ...(relay !== undefined && { relay }),
      })
      client.on((event) => {
        events.push(event)
        for (const look of [...listeners]) look()
      })
    }),
  /** Calls a method of the client by its name. */
  call: (method: keyof WebClient, ...args: readonly unknown[]) =>
    outcome(async () => {
      if (client === undefined) throw new TypeError('open comes first')
      return (client[method] as (...all: readonly unknown[]) => Promise<unknown>)(...args)
    }),
  /** Sends one after the other, each once the one before is safe, until the page ends. */
  sendOn: (to: string) => {
    void (async () => {
      for (let n = 1; client !== undefined; n++) {
        await client.send(to, `${n}`)
        sent.push(`${n}`)
      }
    })()
  },
  /** What was acknowledged of it. */
  sent: () => sent,
  break: () => new BroadcastChannel('break').postMessage(undefined),
  faults: () => faults,
  /** Begins to link this browser; resolves to the code to approve. Whatever it then asks is confirmed. */
  link: (name: string) =>
    new Promise<string>((offered) => {
      linking = outcome(async () =>
        client?.link({ kind: 'web', name }, { offer: ({ code }) => offered(code), confirm: async () => true }),
      )
    }),
  /** What came of it. */
  linked: () => linking,
  /** Approves another device, by the words that are the right ones. */
  approve: (code: string, manage: boolean) =>
    outcome(async () => client?.approve(code, { manage }, { pick: async ({ right }) => right })),
  /** Resolves when an event has come, or comes, that has all of `part` in it. */
  hears: (part: unknown) =>
    new Promise<void>((heard) => {
      const look = () => {
        if (!events.some((event) => has(event, part))) return
        listeners.delete(look)
        heard()
      }
      listeners.add(look)
      look()
    }),
}

Object.assign(globalThis, { story })
