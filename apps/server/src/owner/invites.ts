import { randomBytes } from 'node:crypto'
import type { SqliteStore } from '@quintet/relay-node'
import { OwnerError, type OwnerTerminal } from './terminal.ts'

const letters = '0123456789abcdefghjkmnpqrstvwxyz'
const dayMs = 24 * 60 * 60 * 1000

/** 16 characters of Crockford's base32: 80 bits. */
function newCode(): string {
  return Array.from(randomBytes(16), (byte) => letters[byte & 31]).join('')
}

export async function createInvite(
  store: SqliteStore,
  terminal: OwnerTerminal,
  { uses, days }: { readonly uses: number; readonly days: number },
): Promise<void> {
  const createdAtMs = Date.now()
  const expiresAtMs = createdAtMs + days * dayMs
  const code = newCode()
  await store.invites.create({ code, usesLeft: uses, expiresAtMs, createdAtMs })
  const expires = new Date(expiresAtMs).toISOString()
  terminal.say(`${code}\nGood for ${uses} sign-up${uses === 1 ? '' : 's'} until ${expires}.`, { code, uses, expires })
}

export async function listInvites(store: SqliteStore, terminal: OwnerTerminal): Promise<void> {
  const rows = (await store.invites.list()).map(({ code, usesLeft, expiresAtMs }) => {
    const expires = expiresAtMs === undefined ? 'never' : new Date(expiresAtMs).toISOString()
    return { code, usesLeft, expires }
  })
  terminal.list(rows, 'There are no invites. Make one with: quintet-relay invites create')
}

export async function revokeInvite(store: SqliteStore, terminal: OwnerTerminal, code: string): Promise<void> {
  if (!(await store.invites.revoke(code))) throw new OwnerError('unknown-invite', 'There is no such invite.')
  terminal.say('The invite counts no more.', { ok: true })
}
