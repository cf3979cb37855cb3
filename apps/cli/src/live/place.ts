import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** A socket's path must fit into the system's address structure: 108 bytes on Linux, 104 elsewhere. */
const longestPath = 100

interface Places {
  readonly socket: string
  /** Says where the socket is, when its usual path is too long. */
  readonly elsewhere: string
}

function placesIn(dir: string): Places {
  const folder = resolve(dir)
  return { socket: join(folder, 'listen.sock'), elsewhere: join(folder, 'listen.path') }
}

const fits = (path: string) => Buffer.byteLength(path) <= longestPath

/** Where the socket of a listening process would be. */
export function socketPath(dir: string): string | undefined {
  const places = placesIn(dir)
  if (fits(places.socket)) return places.socket
  try {
    const path = readFileSync(places.elsewhere, 'utf8').trim()
    return fits(path) ? path : undefined
  } catch {
    return undefined
  }
}

/** Clears what an earlier listener left, and says where to listen. Only for whoever owns the profile. */
export function prepareSocketPath(dir: string): string {
  clearSocketPath(dir)
  const places = placesIn(dir)
  if (fits(places.socket)) return places.socket
  // Made for its owner alone, and in a folder with a short name.
  const path = join(mkdtempSync(join(tmpdir(), 'quintet-')), 'listen.sock')
  writeFileSync(places.elsewhere, `${path}\n`, { mode: 0o600 })
  return path
}

/** Removes the socket and what points to it. */
export function clearSocketPath(dir: string): void {
  const places = placesIn(dir)
  const path = socketPath(dir)
  if (path === undefined) return
  rmSync(path, { force: true })
  if (path !== places.socket) {
    rmSync(dirname(path), { recursive: true, force: true })
    rmSync(places.elsewhere, { force: true })
  }
}
