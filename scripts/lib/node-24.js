import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { Refusal } from './fail.js'
import { inRoot } from './root.js'

/** The Node that the lockfile pins, on the platforms for which it does. */
const pinned = inRoot('node_modules', '.bin', 'node')

export const isNode24 = Number(process.versions.node.split('.')[0]) >= 24

/** A Node 24 or newer: this process's own, or the pinned one. */
export function findNode24() {
  if (isNode24) return process.execPath
  if (existsSync(pinned)) return pinned
  throw new Refusal(
    `Quintet needs Node 24 or newer and this is ${process.version}. Install it from your system's packages or from nodejs.org, then try again.`,
  )
}

/** Runs a script under Node 24 in this process's stead: same arguments, same terminal, signals passed on, same end. */
export function handOver(file, args = process.argv.slice(2)) {
  const env = { ...process.env, QUINTET_HANDED_OVER: '1' }
  const child = spawn(findNode24(), [file, ...args], { stdio: 'inherit', env })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`Node could not be started: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}
