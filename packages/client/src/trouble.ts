import type { Core } from './core.ts'
import type { ClientErrorCode } from './error.ts'
import { clientErrorOf } from './relay/failure.ts'

/** What a person has to do something about, and would not hear of otherwise. */
const forPeople: ReadonlySet<ClientErrorCode> = new Set(['damaged', 'disk-full', 'profile-unwritable'])

/** For work that nobody asked for: it fails quietly where it is only late; what needs a person is told. */
export function tellTrouble(core: Pick<Core, 'emit'>, error: unknown): void {
  const { code, message } = clientErrorOf(error)
  if (forPeople.has(code)) core.emit({ event: 'state', connected: true, code, sentence: message })
}
