import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Refusal } from './fail.js'
import { inRoot } from './root.js'

function holderLives(file) {
  const pid = Number(readFileSync(file, 'utf8'))
  if (!Number.isInteger(pid) || pid <= 0) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw new Refusal(`The checkout cannot be written to (${error.code}). Give this user the right to, then try again.`)
  }
}

/** Runs `task` while no other process runs one under the same name. A dead holder's lock is taken over. */
export async function alone(name, task) {
  const file = inRoot('.cache', `${name}.lock`)
  mkdirSync(dirname(file), { recursive: true })
  while (!take(file)) {
    try {
      if (!holderLives(file)) rmSync(file)
    } catch {
      continue
    }
    await pause(50)
  }
  try {
    return await task()
  } finally {
    rmSync(file, { force: true })
  }
}
