import { defaultProfileDir } from '@quintet/client-node/folder'
import { Command, CommanderError } from 'commander'
import type { Task } from '../job.ts'
import type { Settings } from '../settings.ts'
import { version } from '../version.ts'
import { defineAccount } from './account.ts'
import { defineDevices } from './devices.ts'
import { defineGroups } from './groups.ts'
import { defineMessages } from './messages.ts'
import { parseSeconds } from './numbers.ts'
import { defineRunning } from './running.ts'
import { markTexts, unmarked } from './texts.ts'

export type Parsed =
  | { readonly kind: 'task'; readonly task: Task; readonly settings: Settings }
  | { readonly kind: 'help'; readonly text: string }
  /** `message` is one sentence; `text` more than that, for people. */
  | { readonly kind: 'usage'; readonly message: string; readonly text: string; readonly json: boolean }

/** Reads a command line. Touches nothing; loads nothing of the client. */
export function parse(argv: readonly string[], columns: number): Parsed {
  let chosen: Omit<Task, 'name'> | undefined
  let name = ''
  let out = ''
  let err = ''
  const program = makeProgram((task) => {
    chosen = task
  })
  everyCommand(program, (command) => {
    if (command.description() === '') command.description(sentence(command.summary()))
    command.exitOverride().configureOutput({
      writeOut: (text) => (out += text),
      writeErr: (text) => (err += text),
      getOutHelpWidth: () => Math.min(columns, 100),
      getErrHelpWidth: () => Math.min(columns, 100),
    })
  })
  program.hook('preAction', (_, command) => {
    name = command.name()
    unmarkAll(command)
  })
  try {
    program.parse(markTexts(argv), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { kind: 'help', text: out }
    const json = argv.includes('--json')
    const message = sentenceOf(error)
    const guess = /\(Did you mean .*\?\)/s.exec(error.message)?.[0].slice(1, -1)
    const lines = [message, ...(guess === undefined ? [] : [guess]), 'Add --help to see how it is used.', '']
    return { kind: 'usage', message, text: error.code === 'commander.help' ? err : lines.join('\n'), json }
  }
  if (chosen === undefined)
    return { kind: 'usage', message: 'Say what to do.', text: program.helpInformation(), json: false }
  return { kind: 'task', task: { ...chosen, name }, settings: settingsOf(program.opts()) }
}

const defaultWaitMs = 15_000

interface GlobalOptions {
  readonly profile?: string
  readonly relay?: string
  readonly json?: boolean
  readonly wait?: number
  readonly queue: boolean
  readonly yes?: boolean
  readonly debug?: boolean
}

function settingsOf(options: GlobalOptions): Settings {
  return {
    profile: unmarked(options.profile ?? defaultProfileDir()),
    relay: options.relay,
    json: options.json === true,
    waitMs: options.wait ?? defaultWaitMs,
    queue: options.queue,
    yes: options.yes === true,
    debug: options.debug === true,
  }
}

function makeProgram(choose: (task: Omit<Task, 'name'>) => void): Command {
  const program = new Command('quintet')
    .description('A messenger for all of your devices, end to end encrypted. This terminal is one of them.')
    .option('--profile <dir>', 'the folder of this device', undefined)
    .option('--relay <url>', 'the relay; needed once (default: http://127.0.0.1:4747)')
    .option('--json', 'one JSON object a line, and never a question')
    .option('--wait <seconds>', 'how long to try for the relay (default: 15)', parseSeconds)
    .option('--no-queue', 'take back what cannot be sent now')
    .option('--yes', 'answer every question with yes')
    .option('--debug', 'show where an unexpected failure came from')
    .version(version, '-V, --version', 'which version this is')
    .helpOption('-h, --help', 'how to use it')
    .helpCommand('help [command]', 'how to use a command')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .addHelpText(
      'after',
      '\nBegin:\n  $ quintet signup --handle mara\n  $ quintet send bob "Hello"\n  $ quintet listen\n',
    )
  program.commandsGroup('Reading and writing:')
  defineMessages(program, choose)
  program.commandsGroup('Groups:')
  defineGroups(program, choose)
  program.commandsGroup('Your devices:')
  defineDevices(program, choose)
  program.commandsGroup('Your account:')
  defineAccount(program, choose)
  program.commandsGroup('Running:')
  defineRunning(program, choose)
  return program
}

function everyCommand(command: Command, act: (command: Command) => void): void {
  act(command)
  for (const child of command.commands) {
    child.copyInheritedSettings(command)
    everyCommand(child, act)
  }
}

function unmarkAll(command: Command): void {
  command.processedArgs = command.processedArgs.map((value: unknown) =>
    Array.isArray(value) ? value.map(unmarkedAny) : unmarkedAny(value),
  )
  for (const [key, value] of Object.entries(command.opts())) {
    if (typeof value === 'string') command.setOptionValue(key, unmarked(value))
  }
}

function unmarkedAny(value: unknown): unknown {
  return typeof value === 'string' ? unmarked(value) : value
}

/** Commander's message, as a sentence. */
function sentenceOf(error: CommanderError): string {
  if (error.code === 'commander.help') return 'Say what to do: one of the commands that --help lists.'
  const text = error.message.replace(/^error: /, '').trim()
  const [first = ''] = text.split('\n')
  return sentence(first)
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.?!]$/.test(begun) ? begun : `${begun}.`
}

/**
 * Loads every command, for a process that is asked for them long after it began.
 *
 * An update puts other files in the place of those that hold them. It stands in this file because Node takes a file
 * that is gone from memory only for the module that loaded it before.
 */
export async function loadCommands(): Promise<void> {
  await Promise.all([
    import('../commands/act.ts'),
    import('../commands/approve.ts'),
    import('../commands/change-device.ts'),
    import('../commands/chats.ts'),
    import('../commands/devices.ts'),
    import('../commands/group.ts'),
    import('../commands/leave-account.ts'),
    import('../commands/link.ts'),
    import('../commands/listen.ts'),
    import('../commands/messages.ts'),
    import('../commands/profile.ts'),
    import('../commands/read.ts'),
    import('../commands/recover.ts'),
    import('../commands/send.ts'),
    import('../commands/signup.ts'),
    import('../commands/status.ts'),
    import('../commands/sync.ts'),
    import('../commands/verify.ts'),
  ])
}
