import { kitFromWords, kitOf, type RecoveryKit } from '@quintet/crypto'
import { sameBytes } from '@quintet/domain'
import { type AccountState, ed25519Signer, type RecoveryIdentity, type SignFn } from '@quintet/identity'
import type { Random } from '../ports.ts'
import type { ChangeSigner } from './change-log.ts'
import { wrongKitError } from './log-fault-error.ts'

/** A recovery kit, whole: held in memory while a person uses it, never stored by a device (H7). */
export interface Kit {
  readonly words: string
  readonly seed: Uint8Array
  readonly recovery: RecoveryIdentity
  readonly sign: SignFn
  readonly sealSecret: Uint8Array
}

export function newKit(random: Random): Kit {
  return kitFromSeed(random.bytes(16))
}

export function kitFromSeed(seed: Uint8Array): Kit {
  return kitOfKeys(kitOf(seed))
}

/** The kit that a person typed; fails with `recovery-wrong` for words that are no kit's at all. */
export function parseKit(words: string): Kit {
  const kit = kitFromWords(words)
  if (kit === undefined) throw wrongKitError()
  return kitOfKeys(kit)
}

/** Fails with `recovery-wrong` when the kit is another account's, or an older one of this account. */
export function mustBeKitOf(kit: Kit, state: AccountState): void {
  if (state.recovery === undefined || !sameBytes(state.recovery.signKey, kit.recovery.signKey)) throw wrongKitError()
}

export function kitSigner(kit: Kit): ChangeSigner {
  return { by: 'recovery', sign: kit.sign }
}

function kitOfKeys(kit: RecoveryKit): Kit {
  return {
    words: kit.words,
    seed: kit.seed,
    recovery: { signKey: kit.sign.publicKey, sealKey: kit.seal.publicKey },
    sign: ed25519Signer(kit.sign.secretKey),
    sealSecret: kit.seal.privateKey,
  }
}
