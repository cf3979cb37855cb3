import type { AccountId, DeviceId } from '@quintet/domain'
import type { Failure, Greeting, MessageInitShape, Push, Request, RequestSchema, Response } from '@quintet/wire'
import type { ClientError } from '../error.ts'

/** The field names of Request.call: `append`, `commit`, `sync` … */
export type CallName = Exclude<Request['call']['case'], undefined>
type InitOf<K extends CallName> =
  Extract<NonNullable<MessageInitShape<typeof RequestSchema>['call']>, { case: K }> extends { value: infer V }
    ? V
    : never
export type CallInit<K extends CallName> = InitOf<K>
export type Answer = Exclude<Response['result'], { case: 'failure' } | { case: undefined }>
export type AnswerName = Answer['case']
export type AnswerOf<A extends AnswerName> = Extract<Answer, { case: A }>['value']

/** The relay said no. `failure.code` tells what the caller can do. */
export class RelayFailure extends Error {
  override readonly name = 'RelayFailure'
  readonly failure: Failure
  constructor(failure: Failure) {
    super(failure.message)
    this.failure = failure
  }
}

/** There was no connection, or it ended before the answer: whether the relay acted is not known. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
}

export type LinkState = 'idle' | 'connecting' | 'online' | 'offline' | 'refused' | 'ended'

/** A sign-up that was made before, without what belongs to the connection. */
export type ComeBack = Pick<CallInit<'signUp'>, 'handle' | 'genesis' | 'statement'>

export interface RelayLink {
  readonly state: LinkState
  readonly url: string
  readonly greeting: Greeting | undefined
  /** Why the relay turns this device away, while the state is `refused`. */
  readonly refusal: ClientError | undefined
  /** Starts, and from then on reconnects by itself with back-off and jitter until `end`. */
  start(): void
  end(): Promise<void>
  /** As soon as this profile has an account: authenticates on this and every later connection. */
  useIdentity(identity: {
    readonly account: AccountId
    readonly device: DeviceId
    sign(bytes: Uint8Array): Promise<Uint8Array>
    /** With what it signs up again at a relay that has lost the account (R9); undefined where that is not for it to do. */
    comeBack?(incarnation: Uint8Array): ComeBack | undefined
  }): Promise<void>
  /** Resolves when online (authenticated if there is an identity); ClientError `offline`, `unlinked`, `relay-incompatible` … otherwise. */
  online(waitMs: number): Promise<void>
  /**
   * Sends a request and gives the answer's value, checked to be of kind `answer`.
   * Throws RelayFailure, or ConnectionLost when offline. Calls of one chat go out in the order made.
   */
  call<K extends CallName, A extends AnswerName>(name: K, init: CallInit<K>, answer: A): Promise<AnswerOf<A>>
  onPush(listener: (push: Push) => void): () => void
  onState(listener: (state: LinkState) => void): () => void
}
