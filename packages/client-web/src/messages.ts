/** What page and worker say to each other over one MessagePort. Both are built from one checkout, so nothing is versioned. */
import type {
  ApproveQuestions,
  Client,
  ClientErrorCode,
  ClientEvent,
  ErrorDetails,
  LinkQuestions,
} from '@quintet/client'

/** What a page can have the worker do. */
export type Method = Exclude<keyof Client, 'on' | 'close'>

/** Questions that a running call asks back. */
export type Question = keyof (LinkQuestions & ApproveQuestions)

export interface WorkerOptions {
  /** The relay's address; undefined = the one kept, else `home`. */
  readonly relay: string | undefined
  /** The origin that the page came from: it serves the relay unless told otherwise. */
  readonly home: string
  /** Where the MLS engine's `.wasm` is, absolute. */
  readonly engine: string
}

/** A failure on its way: one that a caller can act on, or a fault of ours. */
export type Failure =
  | {
      readonly kind: 'expected'
      readonly code: ClientErrorCode
      readonly sentence: string
      readonly details: ErrorDetails
    }
  | { readonly kind: 'fault'; readonly detail: string }

export type ToWorker =
  | { readonly kind: 'open'; readonly options: WorkerOptions }
  | {
      readonly kind: 'call'
      readonly call: number
      readonly method: Method
      readonly args: readonly unknown[]
      /** The method's last argument is left out of `args`: its questions come back over the port. */
      readonly asks: boolean
    }
  | { readonly kind: 'answer'; readonly question: number; readonly value: unknown }
  | { readonly kind: 'close' }

export type ToPage =
  | { readonly kind: 'opened'; readonly methods: readonly Method[] }
  /** `isHeld`: the files are still in another worker's hands; a new worker may have them soon. */
  | { readonly kind: 'not-opened'; readonly failure: Failure; readonly isHeld: boolean }
  | { readonly kind: 'result'; readonly call: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly call: number; readonly failure: Failure }
  | {
      readonly kind: 'question'
      readonly call: number
      readonly question: number
      readonly name: Question
      readonly args: readonly unknown[]
    }
  | { readonly kind: 'event'; readonly event: ClientEvent }
  /** An invariant broke where nobody called: this worker is not to be relied on any more. */
  | { readonly kind: 'broken'; readonly detail: string }
  | { readonly kind: 'closed' }
