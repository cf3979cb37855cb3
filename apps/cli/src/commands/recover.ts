import type { Job } from '../job.ts'
import { enterChats } from './link.ts'

export interface RecoverInput {
  readonly handle: string
  readonly key: string
  readonly name: string
}

/** Makes this empty profile a device of the account whose kit is at hand. */
export async function recover({ client, screen, settings }: Job, input: RecoverInput): Promise<void> {
  await client.online(settings.waitMs)
  const { account, device } = await client.recover({ ...input, key: words(input.key) })
  screen.tell({ account, device }, () =>
    [
      'You are back in your account, and this device may manage the others.',
      'The others are still listed: `quintet devices` shows them, `quintet unlink` takes out what is lost.',
    ].join('\n'),
  )
  await enterChats(client)
}

/** A new kit; the old one is worth nothing from then on. */
export async function newRecovery({ client, screen, settings }: Job, old: string | undefined): Promise<void> {
  await client.online(settings.waitMs)
  const { recovery } = await client.newRecovery(old === undefined ? undefined : words(old))
  const { numberedWords } = await import('../show/words.ts')
  screen.tell({ recovery }, () =>
    [
      'Your new recovery kit. The old one opens nothing any more.',
      '',
      numberedWords(screen.paint, recovery.split(' ')),
      '',
      'Write them on paper or keep them in a password manager now. They are not shown again.',
    ].join('\n'),
  )
}

/** As people type or paste them: any spaces, any capitals. */
export function words(key: string): string {
  return key.trim().toLowerCase().split(/\s+/).join(' ')
}
