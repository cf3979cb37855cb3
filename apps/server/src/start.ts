import { type RunningRelay, StartError, startRelay, stderrLogger } from '@quintet/relay-node'
import { dataFolder } from './data-folder.ts'
import { parseStart, type StartArguments } from './start-options.ts'
import { version } from './version.ts'

const out = (text: string): void => void process.stdout.write(text)
const err = (text: string): void => void process.stderr.write(text)

/** Runs the relay until it is asked to stop. Resolves with the exit code. */
export async function start(args: readonly string[]): Promise<number> {
  const parsed = parseStart(args, out, err)
  if ('exit' in parsed) return parsed.exit
  const stopped = stopSignal()
  const { json } = parsed
  let relay: RunningRelay
  try {
    relay = await run(parsed)
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    return refuse(json, error.code, error.message)
  }
  out(json ? `${JSON.stringify({ url: relay.url })}\n` : welcome(relay))
  const end = await Promise.race([stopped, relay.broken.then((reason) => ({ reason }))])
  await relay.close()
  if (end === undefined) return 0
  if (end.reason) return refuse(json, end.reason.code, end.reason.message)
  return refuse(json, 'store-broken', 'The database stopped working, so the relay ended. Start it again.')
}

function refuse(json: boolean, code: string, sentence: string): number {
  err(json ? `${JSON.stringify({ error: code, message: sentence })}\n` : `${sentence}\n`)
  return 1
}

function run({ port, host, data, signUp, trustProxy: trustedProxies }: StartArguments): Promise<RunningRelay> {
  const logger = stderrLogger(process.env['QUINTET_LOG'] ?? 'warn')
  const policy = signUp === undefined ? {} : { policy: { signUp } }
  const proxies = trustedProxies && { trustedProxies }
  return startRelay({ dataDir: dataFolder(data), host, port, logger, version, ...policy, ...proxies })
}

/** Asked once is enough; asked again while it ends changes nothing. */
function stopSignal(): Promise<undefined> {
  return new Promise((stop) => {
    process.on('SIGINT', () => stop(undefined))
    process.on('SIGTERM', () => stop(undefined))
  })
}

function welcome({ url, signUp }: RunningRelay): string {
  const next =
    signUp === 'invite'
      ? 'Make an invite for somebody:  npx quintet-relay invites create'
      : `In another terminal:  npx quintet signup --handle NAME --relay ${url}`
  return `Quintet is running at ${url}\n${signUp === 'closed' ? 'Sign-up is closed.' : next}\n`
}
