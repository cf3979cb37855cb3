import { verify } from 'node:crypto'

/** SubjectPublicKeyInfo of an Ed25519 key, up to the key itself (RFC 8410). */
const spki = Buffer.from('302a300506032b6570032100', 'hex')

/** 2^255 - 19, the least significant byte first. */
const field = Buffer.from(`ed${'ff'.repeat(30)}7f`, 'hex')

/**
 * The y of every point whose order is 8 or less, in the same order of bytes: anybody can sign under such a key, and not
 * every version of OpenSSL refuses it.
 */
const smallOrder: ReadonlySet<string> = new Set([
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  `ec${'ff'.repeat(30)}7f`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
])

/** A key that says its point in the one way there is, and whose point has a large order. */
function isSound(publicKey: Uint8Array): boolean {
  const y = Buffer.from(publicKey)
  y[31] = (y[31] ?? 0) & 0x7f
  return isBelow(y, field) && !smallOrder.has(y.toString('hex'))
}

function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  for (let at = 31; at >= 0; at--) {
    const [left = 0, right = 0] = [a[at], b[at]]
    if (left !== right) return left < right
  }
  return false
}

/**
 * OpenSSL's Ed25519 made as strict as the library's that the devices check with: it takes no signature that they
 * refuse. It refuses a few that they take, which no signer makes: of keys or nonces with a part of small order.
 */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64 || !isSound(publicKey)) return false
  try {
    // The key goes in as bytes: a KeyObject would stay until the garbage is collected.
    const key = { key: Buffer.concat([spki, publicKey]), format: 'der', type: 'spki' } as const
    return verify(null, message, key, signature)
  } catch {
    return false
  }
}
