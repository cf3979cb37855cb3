import { type Client, ClientError } from '@quintet/client'
import { failureOf } from '../failure.ts'
import type { Method, Question, ToPage, ToWorker } from '../messages.ts'
import { webEngine } from './engine.ts'
import { openProfile } from './open-profile.ts'
import { FilesHeldError } from './pool.ts'
import { withoutStorage } from './storage-error.ts'

type Call = Extract<ToWorker, { kind: 'call' }>

/** What is answered from the database alone, before the engine is there. */
const local: ReadonlySet<Method> = new Set<Method>(['self', 'status', 'chats', 'messages', 'notices', 'devices'])

function isMethod(name: string): name is Method {
  return name !== 'on' && name !== 'close'
}

/** Page and worker are built together: what one asks is what the other has. */
function parseMethod(client: Client, method: Method): (...args: readonly unknown[]) => unknown {
  return client[method] as (...args: readonly unknown[]) => unknown
}

/**
 * Makes this worker the owner of the origin's profile, for the page that holds the other end of the port.
 *
 * Called once, by the entry file of a dedicated worker; the page sends the port as its first message.
 */
export function serve(): void {
  addEventListener(
    'message',
    ({ ports: [port] }) => {
      if (port !== undefined) attend(port)
    },
    { once: true },
  )
}

function attend(port: MessagePort): void {
  const tell = (message: ToPage) => port.postMessage(message)
  const answers = new Map<number, (value: unknown) => void>()
  let open: { readonly client: Client; readonly ready: () => Promise<void> } | undefined
  let questions = 0

  async function begin({ options }: Extract<ToWorker, { kind: 'open' }>): Promise<void> {
    try {
      const engine = webEngine(options.engine)
      const client = await openProfile(options, engine)
      open = { client, ready: engine.ready }
      tell({ kind: 'opened', methods: Object.keys(client).filter(isMethod) })
      client.on((event) => tell({ kind: 'event', event }))
    } catch (error) {
      tell({ kind: 'not-opened', failure: failureOf(error), isHeld: error instanceof FilesHeldError })
    }
  }
  function asker(call: number): Readonly<Record<Question, (...args: readonly unknown[]) => Promise<unknown>>> {
    const ask =
      (name: Question) =>
      (...args: readonly unknown[]) =>
        new Promise<unknown>((answered) => {
          questions += 1
          answers.set(questions, answered)
          tell({ kind: 'question', call, question: questions, name, args })
        })
    return { offer: ask('offer'), confirm: ask('confirm'), pick: ask('pick') }
  }
  async function perform({ call, method, args, asks }: Call): Promise<void> {
    try {
      if (open === undefined) throw new ClientError('profile-empty', 'Quintet is not open in this tab.')
      if (!local.has(method)) await open.ready()
      const all = asks ? [...args, asker(call)] : args
      tell({ kind: 'result', call, value: await parseMethod(open.client, method)(...all) })
    } catch (error) {
      tell({ kind: 'failed', call, failure: failureOf(withoutStorage(error)) })
    }
  }
  async function end(): Promise<void> {
    const closing = open
    open = undefined
    await closing?.client.close()
    tell({ kind: 'closed' })
  }

  addEventListener('unhandledrejection', ({ reason }) => {
    const failure = failureOf(withoutStorage(reason))
    // What a person could act on is told where they acted; here it only means that the next sync has more to do.
    if (failure.kind === 'fault') tell({ kind: 'broken', detail: failure.detail })
  })
  port.onmessage = ({ data: message }: MessageEvent<ToWorker>) => {
    switch (message.kind) {
      case 'open':
        return void begin(message)
      case 'call':
        return void perform(message)
      case 'answer':
        answers.get(message.question)?.(message.value)
        return void answers.delete(message.question)
      case 'close':
        return void end()
    }
  }
}
