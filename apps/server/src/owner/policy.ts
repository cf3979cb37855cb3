import { defaultPolicy, isPolicyKey, parsePolicyValue, policyKeys, policyOf, showPolicyValue } from '@quintet/relay'
import type { SqliteStore } from '@quintet/relay-node'
import { OwnerError, type OwnerTerminal } from './terminal.ts'
import { announceChange } from './with-store.ts'

export async function showPolicy(store: SqliteStore, terminal: OwnerTerminal): Promise<void> {
  const settings = await store.settings.all()
  const policy = policyOf(settings)
  const rows = policyKeys().map((key) => {
    const set = settings.has(`policy.${key}`)
    const fallback = key === 'signUp' && !set ? 'open on 127.0.0.1, else invite' : showPolicyValue(policy[key])
    return { key, value: fallback, set: set ? 'set' : 'default' }
  })
  terminal.list(rows, '')
}

export async function setPolicy(store: SqliteStore, terminal: OwnerTerminal, key: string, text: string): Promise<void> {
  if (!isPolicyKey(key)) throw new OwnerError('unknown-key', 'There is no such setting; see: quintet-relay policy show')
  if (parsePolicyValue(key, text) === undefined) {
    const example = showPolicyValue(defaultPolicy[key])
    throw new OwnerError('value-invalid', `${key} does not take that value; its default is ${example}.`)
  }
  await store.settings.set(`policy.${key}`, text)
  await announceChange(store)
  terminal.say(`${key} is ${text} now.`, { ok: true, key, value: text })
}

export async function unsetPolicy(store: SqliteStore, terminal: OwnerTerminal, key: string): Promise<void> {
  if (!isPolicyKey(key)) throw new OwnerError('unknown-key', 'There is no such setting; see: quintet-relay policy show')
  await store.settings.set(`policy.${key}`, undefined)
  await announceChange(store)
  terminal.say(`${key} is as by default again.`, { ok: true, key })
}
