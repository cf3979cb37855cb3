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
- messages and accounts that came after it are gone from the relay; devices keep what they have and upload none of it again;
- a device that was linked after the backup is unknown to the relay, one that was unlinked after it is let in again, and an account whose devices changed after it cannot change them any more;
- chats in which somebody is further than the backup stand still: their people begin new ones.
Nothing mends the last two yet. Restore the newest backup, and only when the data is lost.`

export function restore(folder: string, terminal: OwnerTerminal, source: string, yes: boolean): void {
  if (!yes) throw new OwnerError('not-confirmed', `${restoreMeaning}\nIf that is what you want, say so with --yes.`)
  const kept = restoreStore(folder, source, Date.now())
  const aside = kept === undefined ? '' : ` What was there is kept as ${kept}.`
  terminal.say(`Restored.${aside} Start the relay again.`, { ok: true, ...(kept !== undefined && { kept }) })
}
