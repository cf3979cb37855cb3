export type StartErrorCode =
  | 'port-in-use'
  | 'address-unavailable'
  | 'data-in-use'
  | 'data-unwritable'
  | 'data-newer'
  | 'data-damaged'
  | 'data-gone'
  | 'disk-full'

/** Why a relay does not start: one sentence that says what to do. */
export class StartError extends Error {
  override readonly name = 'StartError'
  readonly code: StartErrorCode
  constructor(code: StartErrorCode, sentence: string) {
    super(sentence)
    this.code = code
  }
}
