import type { Job } from '../job.ts'
import { needsYes, Refusal } from '../refusal.ts'
import { words } from './recover.ts'

const ok = { ok: true }

/** Takes this device out of the account and wipes the profile. Asks only where somebody sits who can answer. */
export async function signOut({ client, screen, settings }: Job): Promise<void> {
  if (screen.interactive && !settings.yes && !screen.json) {
    const answer = await screen.ask(
      'Sign out and erase everything on this device? Your other devices and your account stay. [y/N] ',
    )
    if (!/^y(es)?$/i.test(answer?.trim() ?? '')) throw new Refusal('interrupted', 'Nothing was changed.')
  }
  await client.online(settings.waitMs).catch(() => undefined)
  await client.signOut()
  screen.tell(ok, () => 'Signed out. Everything on this device was erased; your account and other devices stay.')
}

export async function deleteAccount({ client, screen, settings }: Job, key: string | undefined): Promise<void> {
  const handle = client.self()?.handle
  if (!settings.yes) {
    if (screen.json) throw needsYes('This deletes your account for good.')
    const answer = await screen.ask(
      [
        'This deletes your account for good: every device is signed out, and your contacts see that it is gone.',
        'What you wrote to others stays with them. It cannot be undone.',
        `Type ${handle === undefined ? 'delete' : `your handle, ${handle},`} to delete the account: `,
      ].join('\n'),
    )
    if (answer?.trim() !== (handle ?? 'delete')) throw new Refusal('interrupted', 'Nothing was deleted.')
  }
  await client.online(settings.waitMs)
  await client.deleteAccount(key === undefined ? undefined : words(key))
  screen.tell(ok, () => 'Your account is deleted.')
}
