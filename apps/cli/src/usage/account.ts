import { type DeviceKind, deviceKinds } from '@quintet/domain'
import { type Command, Option } from 'commander'
import { type Choose, empty, examples, own } from './choose.ts'
import { parseName } from './names.ts'

const kind = () => new Option('--kind <kind>', 'what this device is').choices([...deviceKinds])

/** Coming into an account, and going out of it. */
export function defineAccount(program: Command, choose: Choose): void {
  examples(
    program
      .command('signup')
      .summary('make a new account, this device its first')
      .description(
        'Makes a new account with this device as its first, and shows its recovery kit: twelve words to keep.',
      )
      .requiredOption('--handle <handle>', 'the name by which others find you: 2-32 of a-z 0-9 . _ -')
      .option('--name <person>', 'your name as your contacts see it')
      .option('--device-name <name>', 'what you call this device', parseName)
      .addOption(kind().default('phone'))
      .option('--invite <code>', 'the invite, where the relay asks for one')
      .action((input: { handle: string; name?: string; deviceName?: string; kind: DeviceKind; invite?: string }) =>
        choose(empty(async (job) => (await import('../commands/signup.ts')).signUp(job, input))),
      ),
    'signup --handle mara',
    'signup --handle mara --name "Mara Lind" --device-name "My phone" --relay https://chat.example.org',
  )
  examples(
    program
      .command('link')
      .summary('make this device part of your account')
      .description(
        'Shows an offer that a device of your account approves within two minutes. Both screens then show the same words.',
      )
      .addOption(kind().makeOptionMandatory())
      .requiredOption('--name <devicename>', 'what you call this device', parseName)
      .action((input: { kind: DeviceKind; name: string }) =>
        choose(
          empty(async (job) => (await import('../commands/link.ts')).link(job, { kind: input.kind, name: input.name })),
        ),
      ),
    'link --kind desktop --name Laptop',
    'link --kind display --name Kitchen --profile ~/kitchen',
  )
  examples(
    program
      .command('recover')
      .summary('come back into your account with its recovery kit')
      .requiredOption('--handle <handle>', 'your handle')
      .requiredOption('--key <words>', 'the twelve words of the kit, in quotes')
      .requiredOption('--name <devicename>', 'what you call this device', parseName)
      .action((input: { handle: string; key: string; name: string }) =>
        choose(empty(async (job) => (await import('../commands/recover.ts')).recover(job, input))),
      ),
    'recover --handle mara --key "word word word …" --name "New phone"',
  )
  const recovery = examples(
    program.command('recovery').summary('the recovery kit of your account'),
    'recovery new --key "word word word …"',
  )
  examples(
    recovery
      .command('new')
      .summary('make a new kit; the old one opens nothing any more')
      .option('--key <words>', 'the words of the old kit, if there is one')
      .action((input: { key?: string }) =>
        choose(own(async (job) => (await import('../commands/recover.ts')).newRecovery(job, input.key))),
      ),
    'recovery new --key "word word word …"',
  )
  examples(
    program
      .command('profile')
      .summary('show or change your name and handle')
      .option('--name <person>', 'your name as your contacts see it')
      .option('--handle <handle>', 'the name by which others find you')
      .action((input: { name?: string; handle?: string }) =>
        choose(own(async (job) => (await import('../commands/profile.ts')).profile(job, input))),
      ),
    'profile',
    'profile --name "Mara Lind"',
  )
  examples(
    program
      .command('signout')
      .summary('take this device out of the account and erase what it holds')
      .action(() => choose(empty(async (job) => (await import('../commands/leave-account.ts')).signOut(job)))),
    'signout',
  )
  examples(
    program
      .command('delete-account')
      .summary('delete your account for good')
      .option('--key <words>', 'the words of the kit, where this device may not do it alone')
      .action((input: { key?: string }) =>
        choose(own(async (job) => (await import('../commands/leave-account.ts')).deleteAccount(job, input.key))),
      ),
    'delete-account',
    'delete-account --yes',
  )
}
