import type { Suite } from '@quintet/crypto'
import { type AccountId, sameBytes } from '@quintet/domain'
import { activeDevices, decodeStatement, type DeviceStatement, encodeStatement, signStatement } from '@quintet/identity'
import { protocolVersion, type SignedStatement } from '@quintet/wire'
import type { Core, Own } from '../core.ts'
import { ask } from '../relay/ask.ts'
import { metaNumber, setMeta } from '../store/meta.ts'
import { stateOf } from './directory.ts'
import { signerOf } from './keyring.ts'
import { storedStatement, storeStatement } from './log-store.ts'

/** What this version of the core is and can; a change of it is a new statement (D5). */
export const announced = {
  appVersion: '0.1.0',
  protocolMin: protocolVersion,
  protocolMax: protocolVersion,
  features: [],
  suites: ['base', 'hybrid'],
} as const

/** The statement of a device, with that counter, signed by its log key. */
export function makeStatement(
  core: Pick<Core, 'db'>,
  who: Pick<Own, 'account' | 'device'>,
  counter: bigint,
): Promise<SignedStatement> {
  return signStatement({ ...announced, account: who.account, device: who.device, counter }, signerOf(core, 'log'))
}

/** Publishes what this device is now, if it differs from what it last said. Fails as the relay does. */
export async function publishStatement(core: Core): Promise<void> {
  const { account, device } = core.mustOwn()
  const kept = storedStatement(core.db, account, device)
  const last = kept === undefined ? undefined : decodeStatement(kept.statement)
  if (kept !== undefined && last !== undefined) {
    const same = encodeStatement({ ...announced, account, device, counter: last.counter })
    if (sameBytes(same, kept.statement)) {
      // Whoever died before the relay had it says it again.
      if (metaNumber(core.db, 'statement-untold') === 1) await tell(core, kept)
      return
    }
  }
  const counter = (last?.counter ?? 0n) + 1n
  const signed = await makeStatement(core, { account, device }, counter)
  core.write(() => {
    storeStatement(core.db, { account, device, counter }, signed)
    setMeta(core.db, 'statement-untold', 1)
  })
  await tell(core, signed)
}

async function tell(core: Core, signed: SignedStatement): Promise<void> {
  await ask(core, 'putStatement', { statement: signed }, 'done')
  core.write(() => setMeta(core.db, 'statement-untold', undefined))
}

/** The newest statement known of each active device of an account; undefined where a device has made none. */
function statementsOf(core: Pick<Core, 'db'>, account: AccountId): readonly (DeviceStatement | undefined)[] {
  const state = stateOf(core, account)
  if (state === undefined) return []
  return activeDevices(state).map(({ device }) => {
    const signed = storedStatement(core.db, account, device)
    return signed === undefined ? undefined : decodeStatement(signed.statement)
  })
}

/** X3: a chat among these accounts is hybrid iff every one of their devices says that it can. */
export function suiteFor(core: Pick<Core, 'db'>, accounts: readonly AccountId[]): Suite {
  const all = accounts.flatMap((account) => statementsOf(core, account))
  return all.every((statement) => statement?.suites.includes('hybrid') === true) ? 'hybrid' : 'base'
}
