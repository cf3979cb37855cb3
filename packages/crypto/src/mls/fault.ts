import { MlsError, type MlsErrorCode } from '../mls-engine.ts'

const codes: Readonly<Record<MlsErrorCode, true>> = {
  malformed: true,
  'wrong-group': true,
  'wrong-epoch': true,
  'unknown-group': true,
  replayed: true,
  'too-far': true,
  'not-a-member': true,
  'bad-signature': true,
  'bad-confirmation': true,
  'refused-proposal': true,
  'key-package-invalid': true,
  'key-package-used': true,
  'group-exists': true,
  'pending-commit': true,
  'own-message': true,
  'state-damaged': true,
  engine: true,
}

function isCode(text: string): text is MlsErrorCode {
  return Object.hasOwn(codes, text)
}

/** The fault that the engine threw as `code: detail`. */
export function parseFault(thrown: string): MlsError {
  const colon = thrown.indexOf(': ')
  const code = thrown.slice(0, colon)
  return isCode(code) ? new MlsError(code, thrown.slice(colon + 2)) : new MlsError('engine', 'unknown fault')
}
