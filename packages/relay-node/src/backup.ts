import { copyFileSync, existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { restoredSetting } from '@quintet/relay'
import { storeFile, takeDataFolder } from './data-folder.ts'
import { migrations } from './sqlite/schema.ts'

/** Why a backup or restore did not happen; nothing was changed. */
export class BackupError extends Error {
  override readonly name = 'BackupError'
  readonly code: 'no-data' | 'target-exists' | 'backup-damaged' | 'backup-newer' | 'backup-failed'
  constructor(code: BackupError['code'], sentence: string) {
    super(sentence)
    this.code = code
  }
}

/** Writes a whole copy of one moment, whether the relay runs or not. Into a folder under a name of the time, or to a new file. */
export function backupStore(folder: string, target: string, nowMs: number): string {
  const source = storeFile(folder)
  if (!existsSync(source)) throw new BackupError('no-data', `There is no relay's data in ${folder}.`)
  const stamp = new Date(nowMs).toISOString().slice(0, 19).replaceAll(':', '-')
  const file = isFolder(target) ? join(target, `quintet-${stamp}.db`) : target
  if (existsSync(file)) throw new BackupError('target-exists', `${file} is there already.`)
  const db = new DatabaseSync(source, { timeout: 5000 })
  try {
    db.prepare('VACUUM INTO ?').run(file)
  } catch {
    rmSync(file, { force: true })
    throw new BackupError('backup-failed', `The backup could not be written to ${file}.`)
  } finally {
    db.close()
  }
  return file
}

/**
 * Puts a backup in place of what is there, under a new incarnation, which takes back from devices what it lost (R9). The
 * relay must not run: throws StartError when it does. The data that was there is kept beside it, under the name returned.
 */
export function restoreStore(folder: string, backup: string, nowMs: number): string | undefined {
  const held = takeDataFolder(folder)
  try {
    const file = storeFile(folder)
    const next = `${file}.restoring`
    rmSync(next, { force: true })
    checkBackup(backup)
    takeIn(backup, next, nowMs)
    const kept = existsSync(file) ? setAside(file, nowMs) : undefined
    renameSync(next, file)
    return kept
  } finally {
    held.release()
  }
}

/** A copy that a relay can go on from. What only shows when it is written to is found out here, before anything is moved. */
function takeIn(backup: string, next: string, nowMs: number): void {
  let db: DatabaseSync | undefined
  try {
    copyFileSync(backup, next)
    db = new DatabaseSync(next)
    db.exec("DELETE FROM settings WHERE key = 'incarnation'")
    db.prepare('INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)').run(restoredSetting, String(nowMs))
    db.close()
  } catch (error) {
    if (db?.isOpen === true) db.close()
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${next}${end}`, { force: true })
    if (isNoRoom(error)) throw new BackupError('backup-failed', `There is no room for a copy of the backup at ${next}.`)
    throw new BackupError('backup-damaged', `${backup} is no sound backup of a relay.`)
  }
}

const sqliteFull = 13

function isNoRoom(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('errcode' in error && error.errcode === sqliteFull) || ('code' in error && error.code === 'ENOSPC')
}

function setAside(file: string, nowMs: number): string {
  // Opening and closing alone writes the log file back into the database, so that one file holds everything.
  const db = new DatabaseSync(file)
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
  const kept = `${file}.before-${nowMs}`
  renameSync(file, kept)
  for (const end of ['-wal', '-shm']) rmSync(`${file}${end}`, { force: true })
  return kept
}

function checkBackup(backup: string): void {
  if (!existsSync(backup)) throw new BackupError('no-data', `There is no backup at ${backup}.`)
  let version: unknown
  let sound = false
  try {
    const db = new DatabaseSync(backup, { readOnly: true })
    version = db.prepare('PRAGMA user_version').get()?.['user_version']
    sound = db.prepare('PRAGMA quick_check').get()?.['quick_check'] === 'ok'
    db.prepare('SELECT key, value FROM settings').get()
    // Another program's file may have a view or a number of that name.
    sound &&= db.prepare("SELECT type FROM sqlite_schema WHERE name = 'settings'").get()?.['type'] === 'table'
    sound &&= db.prepare("SELECT type FROM sqlite_schema WHERE name = 'accounts'").get()?.['type'] === 'table'
    db.close()
  } catch {
    sound = false
  }
  if (typeof version === 'number' && version > migrations.length) {
    throw new BackupError('backup-newer', `${backup} is from a newer version of Quintet. Update Quintet first.`)
  }
  if (!sound || version === 0) throw new BackupError('backup-damaged', `${backup} is no sound backup of a relay.`)
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory()
}
