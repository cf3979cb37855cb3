import { hkdf } from '@noble/hashes/hkdf.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { asciiBytes } from '@quintet/domain'
import { ed25519PublicKey } from '@quintet/identity'
import { newSealKeyPair, type SealKeyPair } from './seal.ts'

/** A recovery kit (H7). Only its public halves ever stay on a device. */
export interface RecoveryKit {
  /** Twelve words of the BIP-39 English list, one space between, the last one holding a checksum. */
  readonly words: string
  /** 16 bytes. */
  readonly seed: Uint8Array
  /** Ed25519. */
  readonly sign: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array }
  readonly seal: SealKeyPair
}

/** The kit of a 128-bit seed: HKDF-SHA512 with the labels `sign` and `seal`, 32 bytes each. */
export function kitOf(seed: Uint8Array): RecoveryKit {
  const derive = (label: string) => hkdf(sha512, seed, undefined, asciiBytes(label), 32)
  const secretKey = derive('sign')
  return {
    words: entropyToMnemonic(seed, wordlist),
    seed,
    sign: { publicKey: ed25519PublicKey(secretKey), secretKey },
    seal: newSealKeyPair(derive('seal')),
  }
}

/** The kit that a person typed, however spaced and capitalised; undefined when it is not twelve right words. */
export function kitFromWords(text: string): RecoveryKit | undefined {
  const words = text.normalize('NFKD').trim().toLowerCase().split(/\s+/)
  if (words.length !== 12) return undefined
  try {
    return kitOf(mnemonicToEntropy(words.join(' '), wordlist))
  } catch {
    return undefined
  }
}
