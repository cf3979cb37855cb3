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

export const restoreMeaning = `Restoring puts the relay back to the moment of the backup:
- messages and accounts that came after it are gone from the relay; devices keep what they have;
- devices notice that it is another life of this relay and upload again what it lost of their device logs;
- chats where people are further than the backup go on as new ones, which their apps do by themselves;
- a device that was unlinked after the backup is known to the relay again until its account's other devices come back.`

export function restore(folder: string, terminal: OwnerTerminal, source: string, yes: boolean): void {
  if (!yes) throw new OwnerError('not-confirmed', `${restoreMeaning}\nIf that is what you want, say so with --yes.`)
  const kept = restoreStore(folder, source, Date.now())
  const aside = kept === undefined ? '' : ` What was there is kept as ${kept}.`
  terminal.say(`Restored.${aside} Start the relay again.`, { ok: true, ...(kept !== undefined && { kept }) })
}
