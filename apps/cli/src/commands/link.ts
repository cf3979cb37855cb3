import type { DeviceKind } from '@quintet/domain'
import { type Client, ClientError } from '@quintet/client-node'
import type { Job } from '../job.ts'
import { needsYes } from '../refusal.ts'
import type { Screen } from '../screen.ts'
import { qrOf } from '../show/qr.ts'
import { oneLine } from '../show/safe.ts'
import { timeOfDay } from '../show/time.ts'

/** Makes this empty profile a device of an existing account. */
export async function link(
  { client, screen, settings }: Job,
  input: { readonly kind: DeviceKind; readonly name: string },
): Promise<void> {
  if (screen.json && !settings.yes)
    throw needsYes('Linking shows four words and asks whether the other screen has them too.')
  await client.online(settings.waitMs)
  const { paint } = screen
  // The picture is drawn while the other side is still far away; what comes after it waits for it.
  let shown: Promise<void> = Promise.resolve()
  const joined = await client.link(input, {
    offer(offer) {
      shown = qrFor(screen, offer.offer).then((picture) =>
        screen.tell({ offer: offer.offer, code: offer.code }, () =>
          [
            'On a device that is part of your account, scan this, or give it the link or the code:',
            '',
            picture,
            '',
            `  ${paint.quiet('link')}  ${offer.offer}`,
            `  ${paint.quiet('code')}  ${paint.strong(offer.code)}      there: ${paint.accent(`quintet approve ${offer.code}`)}`,
            '',
            `It is good for two minutes, until ${timeOfDay(offer.expiresAt)}, and works once.`,
          ].join('\n'),
        ),
      )
    },
    async confirm(words, handle) {
      await shown
      screen.tell({ words: words.join(' ') }, () =>
        [
          '',
          `${paint.strong(oneLine(handle))} is about to take this device in. Pick these words on the other screen:`,
          '',
          `    ${paint.strong(words.join('   '))}`,
          '',
        ].join('\n'),
      )
      if (settings.yes) return true
      const answer = await screen.ask(`Is ${oneLine(handle)} your account, and are these the words there? [y/N] `)
      return /^y(es)?$/i.test(answer?.trim() ?? '')
    },
  })
  await shown
  screen.tell({ account: joined.account, device: joined.device }, () =>
    [
      `${oneLine(input.name)} is part of the account now.`,
      'Your chats come in, those written to last first. Whatever is not in yet comes with later commands.',
    ].join('\n'),
  )
  await enterChats(client)
}

/** What is said in a chat before this device is in it stays closed to it, so it goes in at once. Nobody waits for that to succeed. */
export async function enterChats(client: Client): Promise<void> {
  try {
    await client.sync()
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
  }
}

async function qrFor({ json, paint }: Screen, offer: string): Promise<string> {
  return json ? '' : await qrOf(offer, paint.colour)
}
