import type { Command } from 'commander'
import { type Choose, examples, own } from './choose.ts'
import { parseCount } from './numbers.ts'

const to = '<to>'
const toHelp = 'a handle, a chat id, or self'
const id = '<id>'
const idHelp = 'the message: its id, or the beginning of it'

/** Reading and writing. */
export function defineMessages(program: Command, choose: Choose): void {
  examples(
    program
      .command('chats')
      .summary('list your chats, newest first')
      .action(() => choose(own(async (job) => (await import('../commands/chats.ts')).chats(job)))),
    'chats',
  )
  examples(
    program
      .command('messages')
      .summary('show the newest messages of a chat')
      .argument(to, toHelp)
      .option('--limit <n>', 'how many', parseCount, 50)
      .action((where: string, input: { limit: number }) =>
        choose(own(async (job) => (await import('../commands/messages.ts')).messages(job, where, input.limit))),
      ),
    'messages bob',
    'messages self --limit 5',
  )
  examples(
    program
      .command('send')
      .summary('write a message')
      .argument(to, toHelp)
      .argument('<text>')
      .action((where: string, text: string) =>
        choose(own(async (job) => (await import('../commands/send.ts')).send(job, where, text))),
      ),
    'send bob "See you at eight"',
    'send self "Buy strings"',
    'send bob -- --this begins with dashes',
  )
  examples(
    program
      .command('reply')
      .summary('answer a message')
      .argument(to, toHelp)
      .argument(id, idHelp)
      .argument('<text>')
      .action((where: string, target: string, text: string) =>
        choose(own(async (job) => (await import('../commands/send.ts')).reply(job, where, target, text))),
      ),
    'reply bob m_4f09a1c2 "Yes"',
  )
  examples(
    program
      .command('edit')
      .summary('change what you wrote, within a day')
      .argument(to, toHelp)
      .argument(id, idHelp)
      .argument('<text>')
      .action((where: string, target: string, text: string) =>
        choose(own(async (job) => (await import('../commands/act.ts')).edit(job, where, target, text))),
      ),
    'edit bob m_4f09a1c2 "See you at nine"',
  )
  examples(
    program
      .command('delete')
      .summary('delete a message for everyone')
      .argument(to, toHelp)
      .argument(id, idHelp)
      .action((where: string, target: string) =>
        choose(own(async (job) => (await import('../commands/act.ts')).deleteMessage(job, where, target))),
      ),
    'delete bob m_4f09a1c2',
  )
  examples(
    program
      .command('react')
      .summary('react to a message')
      .argument(to, toHelp)
      .argument(id, idHelp)
      .argument('<emoji>')
      .option('--off', 'take the reaction back')
      .action((where: string, target: string, emoji: string, input: { off?: boolean }) =>
        choose(
          own(async (job) => (await import('../commands/act.ts')).react(job, where, target, emoji, input.off === true)),
        ),
      ),
    'react bob m_4f09a1c2 🎻',
    'react bob m_4f09a1c2 🎻 --off',
  )
  definePeople(program, choose)
}

function definePeople(program: Command, choose: Choose): void {
  examples(
    program
      .command('read')
      .summary('mark all of a chat as read')
      .argument(to, toHelp)
      .action((where: string) => choose(own(async (job) => (await import('../commands/read.ts')).read(job, where)))),
    'read bob',
  )
  examples(
    program
      .command('accept')
      .summary('take up a request from somebody new')
      .argument(to, toHelp)
      .action((where: string) => choose(own(async (job) => (await import('../commands/read.ts')).accept(job, where)))),
    'accept dave',
  )
  examples(
    program
      .command('block')
      .summary('see nothing more from somebody')
      .argument(to, toHelp)
      .option('--off', 'see them again')
      .action((where: string, input: { off?: boolean }) =>
        choose(own(async (job) => (await import('../commands/read.ts')).block(job, where, input.off === true))),
      ),
    'block dave',
    'block dave --off',
  )
  examples(
    program
      .command('typing')
      .summary('show that you are writing')
      .argument(to, toHelp)
      .action((where: string) => choose(own(async (job) => (await import('../commands/read.ts')).typing(job, where)))),
    'typing bob',
  )
  examples(
    program
      .command('verify')
      .summary('compare words with somebody, to know that nobody is in between')
      .argument(to, toHelp)
      .action((where: string) =>
        choose(own(async (job) => (await import('../commands/verify.ts')).verify(job, where))),
      ),
    'verify bob',
  )
}
