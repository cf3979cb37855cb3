import type { Frame } from '@quintet/wire'
import type { CallName } from './frame-kind.ts'

/** One frame on its way, decoded. */
export interface SeenFrame {
  readonly direction: 'to-relay' | 'to-device'
  /** `bob.laptop` */
  readonly device: string
  readonly frame: Frame
  /** The call that a request makes, or that a response answers. */
  readonly call: CallName | undefined
}

/**
 * What becomes of a frame: these are passed on in its place (none: it is swallowed), the connection breaks before it
 * arrives, or, with undefined, it goes its way.
 */
export type Passed = readonly Frame[] | 'cut' | undefined

/** Sees every frame, in both directions, and says what to pass on: a relay that lies, a network that loses. */
export type Tamper = (seen: SeenFrame) => Passed

/** What stands in for the relay on a device's connections: it makes up every answer. */
export interface Impostor {
  /** The first frames on a new connection. */
  greet(): readonly Frame[]
  /** What comes back for one frame of the device. */
  receive(frame: Frame): readonly Frame[]
}
