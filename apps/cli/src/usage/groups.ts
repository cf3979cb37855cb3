import type { Command } from 'commander'
import { type Choose, examples, own } from './choose.ts'
import { parseName } from './names.ts'

const chat = '<chat>'
const chatHelp = 'the group: its id, the beginning of the id, or its name'

/** Groups. */
export function defineGroups(program: Command, choose: Choose): void {
  const group = examples(
    program.command('group').summary('make groups and change them'),
    'group create "Summer house" bob carol',
    'group add "Summer house" dave',
  )
  examples(
    group
      .command('create')
      .summary('make a group')
      .argument('<name>', 'what to call it', parseName)
      .argument('<handles...>', 'who is in it, besides you')
      .action((name: string, handles: string[]) =>
        choose(own(async (job) => (await import('../commands/group.ts')).createGroup(job, name, handles))),
      ),
    'group create "Summer house" bob carol',
  )
  examples(
    group
      .command('add')
      .summary('take people in')
      .argument(chat, chatHelp)
      .argument('<handles...>')
      .action((which: string, handles: string[]) =>
        choose(own(async (job) => (await import('../commands/group.ts')).addToGroup(job, which, handles))),
      ),
    'group add "Summer house" dave',
  )
  examples(
    group
      .command('remove')
      .summary('take somebody out')
      .argument(chat, chatHelp)
      .argument('<handle>')
      .action((which: string, handle: string) =>
        choose(own(async (job) => (await import('../commands/group.ts')).removeFromGroup(job, which, handle))),
      ),
    'group remove "Summer house" dave',
  )
  examples(
    group
      .command('admin')
      .summary('make somebody an admin, or no longer one')
      .argument(chat, chatHelp)
      .argument('<handle>')
      .option('--off', 'no longer an admin')
      .action((which: string, handle: string, input: { off?: boolean }) =>
        choose(
          own(async (job) => (await import('../commands/group.ts')).setAdmin(job, which, handle, input.off !== true)),
        ),
      ),
    'group admin "Summer house" bob',
    'group admin "Summer house" bob --off',
  )
  examples(
    group
      .command('leave')
      .summary('leave a group')
      .argument(chat, chatHelp)
      .action((which: string) =>
        choose(own(async (job) => (await import('../commands/group.ts')).leaveGroup(job, which))),
      ),
    'group leave "Summer house"',
  )
  examples(
    group
      .command('rename')
      .summary('give a group another name')
      .argument(chat, chatHelp)
      .argument('<name>', 'what to call it', parseName)
      .action((which: string, name: string) =>
        choose(own(async (job) => (await import('../commands/group.ts')).renameGroup(job, which, name))),
      ),
    'group rename "Summer house" "Winter house"',
  )
}
