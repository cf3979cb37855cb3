import type { AccountId } from '@quintet/domain'
import type { Device } from './device.ts'

/** Somebody with an account; their devices by name. */
export interface Person {
  readonly handle: string
  readonly account: AccountId
  /** The twelve words of the kit. */
  readonly recovery: string
  /** In the order in which they came, those linked later too. */
  readonly devices: readonly Device[]
}

/** A person whose devices are known by the names that the test gave them. */
export type Account<Name extends string> = Person & { readonly [Each in Name]: Device }

/** The only place where a list of devices becomes their names: the list was made from these names. */
export function parseAccount<Name extends string>(person: Person, devices: ReadonlyMap<Name, Device>): Account<Name> {
  return Object.assign(person, Object.fromEntries(devices)) as Account<Name>
}
