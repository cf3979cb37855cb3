import { parseTrustedProxies, type TrustedProxies } from '@quintet/relay-node'
import { Command, CommanderError, InvalidArgumentError } from 'commander'

export interface StartArguments {
  readonly port: number
  readonly host: string
  readonly data: string | undefined
  readonly json: boolean
  readonly signUp: 'open' | 'invite' | 'closed' | undefined
  readonly trustProxy: TrustedProxies | undefined
}

/** Undefined stands for "said already": help was asked for, or the usage is wrong; the number is the exit code. */
export type ParsedArguments = StartArguments | { readonly exit: number }

export function parseStart(
  args: readonly string[],
  write: (text: string) => void,
  fail: (text: string) => void,
): ParsedArguments {
  const wrong = (text: string) => fail(args.includes('--json') ? usageJson(text) : text)
  const command = new Command('npm start --')
    .description('Runs a Quintet relay in the foreground. Stop it with Ctrl-C.')
    .option('--port <n>', 'the port to listen on', parsePort, 4747)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--data <folder>', 'where everything is kept (default: data/ in the checkout)')
    .option('--sign-up <policy>', 'open, invite or closed (default: open on 127.0.0.1, invite elsewhere)', parseSignUp)
    .option(
      '--trust-proxy <addresses>',
      'proxies whose X-Forwarded-For counts: addresses, ranges, or loopback, with commas between',
      parseProxies,
    )
    .option('--json', 'print one JSON line when ready', false)
    .addHelpText(
      'after',
      `
Examples:
  npm start                                    on this machine only, http://127.0.0.1:4747
  npm start -- --host 0.0.0.0 --port 8080      for the whole network, by invite
  npm start -- --trust-proxy loopback          behind a proxy on this machine
  npx quintet-relay invites create             an invite for somebody`,
    )
    .configureOutput({ writeOut: write, writeErr: wrong })
    .exitOverride()
  try {
    command.parse(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return { exit: error.exitCode === 0 ? 0 : 2 }
    throw error
  }
  if (command.args.length > 0) {
    wrong(`error: unknown argument '${command.args[0]}'\n`)
    return { exit: 2 }
  }
  const { port, host, data, json, signUp, trustProxy } = command.opts()
  return { port, host, data, json, signUp, trustProxy }
}

/** Commander's message as the one line that scripts read. */
function usageJson(text: string): string {
  const [first = ''] = text
    .replace(/^error: /, '')
    .trim()
    .split('\n')
  const sentence = first.charAt(0).toUpperCase() + first.slice(1)
  return `${JSON.stringify({ error: 'usage', message: /[.?!]$/.test(sentence) ? sentence : `${sentence}.` })}\n`
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!/^[0-9]{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.')
  return port
}

function parseSignUp(text: string): string {
  if (['open', 'invite', 'closed'].includes(text)) return text
  throw new InvalidArgumentError('It is open, invite or closed.')
}

function parseProxies(text: string): TrustedProxies {
  const proxies = parseTrustedProxies(text)
  if (proxies === undefined) throw new InvalidArgumentError('It is a list such as loopback or 10.0.0.7,192.168.0.0/16.')
  return proxies
}
