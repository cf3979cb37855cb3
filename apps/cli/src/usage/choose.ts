import type { Command } from 'commander'
import type { Job, Task } from '../job.ts'

/** Takes what the command line asked for. */
export type Choose = (task: Omit<Task, 'name'>) => void

/** For an account that this profile is part of. */
export function own(run: (job: Job) => Promise<void>): Omit<Task, 'name'> {
  return { needsAccount: true, run }
}

/** For a profile that is to become part of one. */
export function empty(run: (job: Job) => Promise<void>): Omit<Task, 'name'> {
  return { needsAccount: false, run }
}

/** Examples below the options of `--help`. */
export function examples(command: Command, ...lines: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ quintet ${line}`).join('\n')}\n`)
}
