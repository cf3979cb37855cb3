import { loadMlsEngine } from '../src/mls/load.ts'
import type { MlsEngine, Suite } from '../src/mls-engine.ts'

/** A short life of a chat, told in what its devices see. Needs nothing that only one runtime has. */
export function mlsStory(wasm: Uint8Array | WebAssembly.Module): readonly string[] {
  const module = wasm instanceof WebAssembly.Module ? wasm : new WebAssembly.Module(wasm)
  return (['base', 'hybrid'] as const).flatMap((suite) => storyOf(module, suite))
}

const utf8 = new TextEncoder()
const none = new Uint8Array()
const plan = { addKeyPackages: [], removeLeaves: [], policy: undefined, aad: none }

function newDevice(module: WebAssembly.Module, name: string): MlsEngine {
  const rows = new Map<string, Uint8Array>()
  const engine = loadMlsEngine(module, { read: (key) => rows.get(String(key)) })
  engine.useIdentity(engine.createSigner(), utf8.encode(name))
  return engine
}

function storyOf(module: WebAssembly.Module, suite: Suite): readonly string[] {
  const seen: string[] = []
  const chat = utf8.encode('chat')
  const [a, b, c] = [newDevice(module, 'a'), newDevice(module, 'b'), newDevice(module, 'c')]
  const note = (who: string, run: () => unknown) => {
    try {
      seen.push(`${suite} ${who}: ${String(run())}`)
    } catch (error) {
      seen.push(`${suite} ${who}: ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`)
    }
  }
  const read = (at: MlsEngine, message: Uint8Array): string => {
    const opened = at.open(chat, message)
    if (opened.kind === 'application') return new TextDecoder().decode(opened.plaintext)
    at.mergeStaged(chat, opened.staged)
    return `commit to ${opened.view.epoch}, ${at.view(chat)?.leaves.length} leaves`
  }

  a.createGroup(chat, suite, utf8.encode('policy'))
  const added = a.commit(chat, {
    ...plan,
    addKeyPackages: b.createKeyPackages(suite, 1, 86_400n, false).map((one) => one.bytes),
  })
  a.mergePending(chat)
  b.acceptJoin(b.stageWelcome(added.welcome ?? none).staged)
  const hello = a.encrypt(chat, none, utf8.encode('hello'))
  note('b hears', () => read(b, hello))
  note('b hears again', () => read(b, hello))

  const external = c.joinExternal(a.groupInfo(chat), none)
  note('a sees c enter', () => read(a, external.commit.commit))
  note('b sees c enter', () => read(b, external.commit.commit))
  c.replaceByScratch(chat)
  const back = c.encrypt(chat, none, utf8.encode('here'))
  note('b hears c', () => read(b, back))

  const removal = a.commit(chat, { ...plan, removeLeaves: [1] })
  a.mergePending(chat)
  note('c sees b go', () => read(c, removal.commit))
  const secret = a.encrypt(chat, none, utf8.encode('without b'))
  note('b hears on', () => read(b, secret))
  note('c hears on', () => read(c, secret))
  note('same secret', () => String(a.view(chat)?.epochAuthenticator) === String(c.view(chat)?.epochAuthenticator))
  note('garbage', () => read(a, utf8.encode('garbage')))
  note('rows changed', () => a.takeChanges().length > 5)
  return seen
}
