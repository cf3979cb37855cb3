import { bytesOf } from '@quintet/domain'
import { create, LogBodySchema, type MessageInitShape, toBinary } from '@quintet/wire'
import type { AccountState } from './account-state.ts'
import { deviceKeysOf } from './keys.ts'
import type { CreateOperation, LogOperation, LogSigner } from './operation.ts'

/** The body of the entry after `state`: sign it with `signBody`. It claims nothing about being entitled; `extendLog` judges that. */
export function buildBody(entry: {
  readonly state: AccountState
  readonly signer: LogSigner
  readonly atMs: number
  readonly op: LogOperation
}): Uint8Array {
  const { state, signer, atMs, op } = entry
  const body = create(LogBodySchema, {
    version: 1,
    account: bytesOf(state.account),
    position: state.head.position + 1n,
    previous: state.head.hash,
    signer: signer === 'recovery' ? new Uint8Array() : bytesOf(signer),
    atMs: BigInt(Math.max(atMs, state.headAtMs)),
    op: wireOperation(op),
  })
  return toBinary(LogBodySchema, body)
}

/** The body of a new account's genesis (D2), to be signed by the first device's log key. */
export function genesisBody(entry: Omit<CreateOperation, 'kind'> & { readonly atMs: number }): Uint8Array {
  const { random, identity, recovery, atMs } = entry
  const body = create(LogBodySchema, {
    version: 1,
    signer: bytesOf(identity.device),
    atMs: BigInt(atMs),
    op: { case: 'create', value: { random, device: deviceKeysOf(identity), ...(recovery && { recovery }) } },
  })
  return toBinary(LogBodySchema, body)
}

function wireOperation(op: LogOperation): NonNullable<MessageInitShape<typeof LogBodySchema>['op']> {
  switch (op.kind) {
    case 'add':
      return { case: 'add', value: { device: deviceKeysOf(op.identity), manageClaim: op.manageClaim } }
    case 'claim':
      return { case: 'claim', value: { device: bytesOf(op.device) } }
    case 'remove':
      return { case: 'remove', value: { device: bytesOf(op.device) } }
    case 'make-main':
      return { case: 'makeMain', value: { device: bytesOf(op.device) } }
    case 'set-rights':
      return { case: 'setRights', value: { device: bytesOf(op.device), manage: op.manage } }
    case 'set-recovery':
      return { case: 'setRecovery', value: op.recovery ? { recovery: op.recovery } : {} }
    case 'close':
      return { case: 'close', value: {} }
  }
}
