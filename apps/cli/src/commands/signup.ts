import { hostname } from 'node:os'
import type { DeviceKind } from '@quintet/domain'
import type { Job } from '../job.ts'
import { numberedWords } from '../show/words.ts'

export interface SignUpInput {
  readonly handle: string
  readonly name?: string
  readonly deviceName?: string
  readonly kind?: DeviceKind
  readonly invite?: string
}

export async function signUp({ client, screen, settings }: Job, input: SignUpInput): Promise<void> {
  await client.online(settings.waitMs)
  const { account, device, recovery } = await client.signUp({ deviceName: hostname(), ...input })
  screen.tell({ account, device, recovery }, () =>
    [
      `${screen.paint.strong(input.handle)} is yours. This device is the first of your account.`,
      '',
      'Your recovery kit is these twelve words. They let you back in when every device is gone, and they',
      'outrank every device: whoever has them has your account.',
      '',
      numberedWords(screen.paint, recovery.split(' ')),
      '',
      'Write them on paper or keep them in a password manager now. They are not shown again.',
      '',
      `Then say hello:            ${screen.paint.accent('quintet send HANDLE "Hello"')}`,
      `Take in a second device:   ${screen.paint.accent('quintet link --kind phone --name Phone')} there`,
    ].join('\n'),
  )
}
