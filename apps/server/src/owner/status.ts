import { statSync } from 'node:fs'
import { StartError, type SqliteStore, storeFile, takeDataFolder } from '@quintet/relay-node'
import type { OwnerTerminal } from './terminal.ts'

function isRunning(folder: string): boolean {
  try {
    takeDataFolder(folder).release()
    return false
  } catch (error) {
    if (error instanceof StartError && error.code === 'data-in-use') return true
    throw error
  }
}

export async function showStatus(store: SqliteStore, terminal: OwnerTerminal, folder: string): Promise<void> {
  const { accounts, devices, suspended } = await store.accounts.count()
  const { chats, entries } = await store.chats.count()
  const running = isRunning(folder)
  const bytes = statSync(storeFile(folder)).size
  const people = `${accounts} accounts (${suspended} suspended), ${devices} devices`
  const kept = `${chats} chats, ${entries} entries waiting, ${(bytes / 1e6).toFixed(1)} MB`
  const sentence = `The relay is ${running ? 'running' : 'not running'}.\n${people}\n${kept}`
  terminal.say(sentence, { running, accounts, devices, suspended, chats, entries, bytes })
}
