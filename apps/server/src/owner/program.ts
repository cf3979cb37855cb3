import { Command, InvalidArgumentError } from 'commander'
import { resolve } from 'node:path'
import type { SqliteStore } from '@quintet/relay-node'
import { dataFolder } from '../data-folder.ts'
import { countAccounts, showAccount, suspend } from './accounts.ts'
import { backup, restore, restoreMeaning } from './copies.ts'
import { createInvite, listInvites, revokeInvite } from './invites.ts'
import { setPolicy, showPolicy, unsetPolicy } from './policy.ts'
import type { OwnerIo } from './run.ts'
import { showStatus } from './status.ts'
import { OwnerTerminal } from './terminal.ts'
import { withStore } from './with-store.ts'

interface Common {
  readonly data?: string
  readonly json?: boolean
}

function count(text: string): number {
  if (!/^[1-9][0-9]{0,5}$/.test(text)) throw new InvalidArgumentError('It is a number from 1.')
  return Number(text)
}

/** The commands of a relay's owner. */
export function ownerProgram(io: OwnerIo): Command {
  const program = new Command('quintet-relay')
    .description('Looks after a Quintet relay. Works beside a running one; `restore` wants it stopped.')
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err })
  const common = (command: Command): Command =>
    command
      .option('--data <folder>', "the relay's data folder (default: data/ in the checkout)")
      .option('--json', 'print JSON, one object per line', false)
      .exitOverride()
      .configureOutput({ writeOut: io.out, writeErr: io.err })
  const folderOf = ({ data }: Common): string => dataFolder(data)
  const terminalOf = ({ json }: Common): OwnerTerminal => new OwnerTerminal(json === true, io.out)
  const beside =
    (work: (store: SqliteStore, terminal: OwnerTerminal, command: Command) => Promise<void>) =>
    async (...parts: unknown[]): Promise<void> => {
      const command = parts.at(-1)
      if (!(command instanceof Command)) throw new TypeError('a command comes last')
      const options = command.opts<Common>()
      await withStore(folderOf(options), (store) => work(store, terminalOf(options), command))
    }
  const argument = (command: Command, at: number): string => command.args[at] ?? ''

  common(program.command('status').description('whether it runs, and how much it keeps')).action(
    beside((store, terminal, command) => showStatus(store, terminal, folderOf(command.opts()))),
  )

  const invites = program.command('invites').description('codes that let people sign up')
  common(invites.command('create').description('makes one'))
    .option('--uses <n>', 'for so many sign-ups', count, 1)
    .option('--days <n>', 'good for so long', count, 14)
    .action(beside((store, terminal, command) => createInvite(store, terminal, command.opts())))
  common(invites.command('list', { isDefault: true }).description('those there are')).action(beside(listInvites))
  common(invites.command('revoke <code>').description('makes one count no more')).action(
    beside((store, terminal, command) => revokeInvite(store, terminal, argument(command, 0))),
  )

  const accounts = program.command('accounts').description('who is here: counts, or one by handle')
  common(accounts.command('list', { isDefault: true }).description('how many')).action(beside(countAccounts))
  common(accounts.command('show <handle>').description('what the relay knows of one')).action(
    beside((store, terminal, command) => showAccount(store, terminal, argument(command, 0))),
  )
  common(program.command('suspend <handle>').description('lets its devices in no more')).action(
    beside((store, terminal, command) => suspend(store, terminal, argument(command, 0), true)),
  )
  common(program.command('unsuspend <handle>').description('lets them in again')).action(
    beside((store, terminal, command) => suspend(store, terminal, argument(command, 0), false)),
  )

  const policy = program.command('policy').description('limits, retention, sign-up: everything one may set')
  common(policy.command('show', { isDefault: true }).description('all of it')).action(beside(showPolicy))
  common(policy.command('set <key> <value>').description('sets one; a running relay follows within a second')).action(
    beside((store, terminal, command) => setPolicy(store, terminal, argument(command, 0), argument(command, 1))),
  )
  common(policy.command('unset <key>').description('back to the default')).action(
    beside((store, terminal, command) => unsetPolicy(store, terminal, argument(command, 0))),
  )

  common(program.command('backup <target>').description('copies everything to a new file, or into a folder')).action(
    (target: string, options: Common) => backup(folderOf(options), terminalOf(options), resolveHere(target)),
  )
  common(program.command('restore <backup>').description('puts a backup in place of what is there'))
    .option('--yes', 'I know what it means', false)
    .addHelpText('after', `\n${restoreMeaning}`)
    .action((source: string, options: Common & { yes: boolean }) =>
      restore(folderOf(options), terminalOf(options), resolveHere(source), options.yes),
    )
  return program
}

function resolveHere(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? '.', path)
}
