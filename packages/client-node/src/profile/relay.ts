import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { ClientError } from '@quintet/client'
import { profileFiles } from './folder.ts'
import { unwritable } from './make-folder.ts'

/** Where `npm start` listens unless told otherwise. */
export const defaultRelay = 'http://127.0.0.1:4747'

/** A relay's address in the one form that is kept and compared; undefined for what is none. */
export function parseRelay(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:'
  if (!isWeb || url.host === '' || url.username !== '' || url.search !== '' || url.hash !== '') return undefined
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

/** The relay that this profile belongs to; undefined before there is one. */
export function keptRelay(dir: string): string | undefined {
  try {
    return parseRelay(readFileSync(profileFiles(dir).relay, 'utf8').trim())
  } catch {
    return undefined
  }
}

/** Writes it whole or not at all. */
export function keepRelay(dir: string, relay: string): void {
  const files = profileFiles(dir)
  try {
    writeFileSync(`${files.relay}.new`, `${relay}\n`, { mode: 0o600 })
    renameSync(`${files.relay}.new`, files.relay)
  } catch {
    throw unwritable(files.folder)
  }
}

/**
 * The relay to talk to: the one named, else the kept one, else the usual address on this machine.
 *
 * Fails with `other-relay` when the profile's account lives on another one than is named.
 */
export function chooseRelay(dir: string, named: string | undefined, hasAccount: boolean): string {
  const kept = keptRelay(dir)
  if (named === undefined) return kept ?? defaultRelay
  const relay = parseRelay(named)
  if (relay === undefined) {
    throw new ClientError('other-relay', 'That is not the address of a relay. It looks like https://chat.example.org.')
  }
  if (hasAccount && kept !== undefined && kept !== relay) {
    throw new ClientError(
      'other-relay',
      `This profile belongs to ${kept}. Leave --relay out, or use another --profile for ${relay}.`,
    )
  }
  return relay
}
