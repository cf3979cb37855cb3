import { backupStore, restoreStore } from '@quintet/relay-node'
import { OwnerError, type OwnerTerminal } from './terminal.ts'

export function backup(folder: string, terminal: OwnerTerminal, target: string): void {
  const file = backupStore(folder, target, Date.now())
  terminal.say(
    `Everything up to now is in ${file}. It holds who shares a chat with whom: keep it as safe as the relay.`,
    {
      file,
    },
  )
}

export const restoreMeaning = `Restoring puts the relay back to the moment of the backup, as another life of this relay:
- messages that came after it and had not reached a device are gone; what devices have they keep;
- which devices belong to whom they bring back by themselves within 30 days. Until one that knows comes, a device linked after the backup waits outside, and one unlinked after it is in again;
- an account made after the backup comes back with its first device only if sign-ups are open and its handle is still free;
- chats in which somebody is further than the backup go on by themselves, as one conversation, when somebody who may let them go on is there.
Restore the newest backup, and only when the data is lost.`

export function restore(folder: string, terminal: OwnerTerminal, source: string, yes: boolean): void {
  if (!yes) throw new OwnerError('not-confirmed', `${restoreMeaning}\nIf that is what you want, say so with --yes.`)
  const kept = restoreStore(folder, source, Date.now())
  const aside = kept === undefined ? '' : ` What was there is kept as ${kept}.`
  terminal.say(`Restored.${aside} Start the relay again.`, { ok: true, ...(kept !== undefined && { kept }) })
}
