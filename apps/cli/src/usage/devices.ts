import { type Command, Argument } from 'commander'
import { type Choose, examples, own } from './choose.ts'
import { parseName } from './names.ts'

const device = '<device>'
const deviceHelp = 'its name, its id, or the beginning of the id'

/** The account's devices. */
export function defineDevices(program: Command, choose: Choose): void {
  examples(
    program
      .command('devices')
      .summary('list the devices of your account')
      .action(() => choose(own(async (job) => (await import('../commands/devices.ts')).devices(job)))),
    'devices',
  )
  examples(
    program
      .command('approve')
      .summary('take a new device into your account')
      .description(
        'Asks which words the new device shows. Approve only a device that is before you, or whose owner you are.',
      )
      .argument('<offer>', 'the link or the short code that the new device shows')
      .option('--manage', 'both screens are before me: it may manage devices at once')
      .action((offer: string, input: { manage?: boolean }) =>
        choose(
          own(async (job) =>
            (await import('../commands/approve.ts')).approve(job, offer, { manage: input.manage === true }),
          ),
        ),
      ),
    'approve 7K3M-9QXT',
    'approve 7K3M-9QXT --manage',
  )
  examples(
    program
      .command('rename')
      .summary('give a device another name')
      .argument(device, deviceHelp)
      .argument('<name>', 'what to call it', parseName)
      .action((which: string, name: string) =>
        choose(own(async (job) => (await import('../commands/change-device.ts')).rename(job, which, name))),
      ),
    'rename Laptop "Old laptop"',
  )
  examples(
    program
      .command('make-main')
      .summary('make a device the main one')
      .argument(device, deviceHelp)
      .action((which: string) =>
        choose(own(async (job) => (await import('../commands/change-device.ts')).makeMain(job, which))),
      ),
    'make-main Laptop',
  )
  examples(
    program
      .command('rights')
      .summary('say whether a device may manage the others')
      .argument(device, deviceHelp)
      .addArgument(new Argument('<rights>').choices(['manage', 'none']))
      .action((which: string, rights: 'manage' | 'none') =>
        choose(own(async (job) => (await import('../commands/change-device.ts')).rights(job, which, rights))),
      ),
    'rights Laptop manage',
    'rights Tablet none',
  )
  examples(
    program
      .command('unlink')
      .summary('take a device out of your account')
      .argument(device, deviceHelp)
      .option('--key <words>', 'the words of the kit, where this device may not do it alone')
      .action((which: string, input: { key?: string }) =>
        choose(own(async (job) => (await import('../commands/change-device.ts')).unlink(job, which, input.key))),
      ),
    'unlink Laptop',
    'unlink d_4f09a1 --key "word word word …"',
  )
}
