import type { Command } from 'commander'
import { type Choose, examples, own } from './choose.ts'

/** Keeping up. */
export function defineRunning(program: Command, choose: Choose): void {
  examples(
    program
      .command('listen')
      .summary('show what happens, until stopped; other commands go through it meanwhile')
      .action(() => choose(own(async (job) => (await import('../commands/listen.ts')).listen(job)))),
    'listen',
    'listen --json',
  )
  examples(
    program
      .command('sync')
      .summary('send what waits and fetch what is new')
      .action(() => choose(own(async (job) => (await import('../commands/sync.ts')).sync(job)))),
    'sync',
  )
  examples(
    program
      .command('status')
      .summary('show how this device stands')
      .action(() => choose(own(async (job) => (await import('../commands/status.ts')).status(job)))),
    'status --json',
  )
}
