import { newSealKeyPair } from '@quintet/crypto'
import { bytesOfHex, type DeviceKind, hexOf, parseDeviceBytes } from '@quintet/domain'
import { type DeviceIdentity, ed25519PublicKey, ed25519Signer, type SignFn } from '@quintet/identity'
import { must } from '../assert.ts'
import type { Core } from '../core.ts'
import { type Database, DatabaseError } from '../ports.ts'
import { metaText, setMeta } from '../store/meta.ts'
import { readSecret, writeSecret } from './secret.ts'

/**
 * Makes the keys of a new device (D4) and keeps them before anybody hears of their public halves.
 *
 * A second call replaces them: they belong to a profile that is no device yet.
 */
export function createKeys(core: Core, kind: DeviceKind): DeviceIdentity {
  const device = must(parseDeviceBytes(core.random.bytes(16)), '16 bytes make a device id')
  const log = core.random.bytes(32)
  const auth = core.random.bytes(32)
  const seal = newSealKeyPair(core.random.bytes(32))
  return core.write(() => {
    const mlsKey = core.engine().createSigner()
    writeSecret(core.db, 'log', log)
    writeSecret(core.db, 'auth', auth)
    writeSecret(core.db, 'seal', seal.privateKey)
    setMeta(core.db, 'mls-key', hexOf(mlsKey))
    return {
      device,
      kind,
      logKey: ed25519PublicKey(log),
      mlsKey,
      authKey: ed25519PublicKey(auth),
      sealKey: seal.publicKey,
    }
  })
}

/** Signs with one of this device's keys. The only way to them: where a platform can, they never leave it. */
export function signerOf(core: Pick<Core, 'db' | 'makeSigner'>, name: 'log' | 'auth'): SignFn {
  return (message) => {
    const secret = readSecret(core.db, name)
    if (secret === undefined) throw missingKeys()
    return (core.makeSigner ?? ed25519Signer)(secret)(message)
  }
}

/** The public half of the MLS signature key. */
export function mlsKeyOf(db: Database): Uint8Array | undefined {
  const hex = metaText(db, 'mls-key')
  return hex === undefined ? undefined : bytesOfHex(hex)
}

function missingKeys(): DatabaseError {
  return new DatabaseError('damaged', 'this profile has no keys')
}
