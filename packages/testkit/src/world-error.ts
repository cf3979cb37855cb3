/** `never-quiet`: something goes on for ever. `stuck`: somebody waits and nothing can happen any more. `killed`: the device was. `no-chat`, `no-message`, `nobody`: the test names what is not there. */
export type WorldErrorCode = 'never-quiet' | 'stuck' | 'killed' | 'no-chat' | 'no-message' | 'nobody'

/** A story that cannot go on as told. */
export class WorldError extends Error {
  override readonly name = 'WorldError'
  readonly code: WorldErrorCode
  constructor(code: WorldErrorCode, what: string) {
    super(what)
    this.code = code
  }
}
