import type { Client } from '@quintet/client'
import { ClientError } from '@quintet/client/error'
import type { WorkerFault } from '../failure.ts'
import type { Method } from '../messages.ts'
import type { Calls } from './calls.ts'
import { becomeOwner } from './lock.ts'
import { linkWorker, StillHeldError, type WorkerLink } from './worker-link.ts'

/** A `Client` that lives in a worker: the same methods, every one of them asynchronous. */
export type WebClient = {
  readonly [M in Method]: (...args: Parameters<Client[M]>) => Promise<Awaited<ReturnType<Client[M]>>>
} & Pick<Client, 'on' | 'close'>

export interface OpenOptions {
  /** Starts the dedicated worker, whose entry file calls `serve()` of `@quintet/client-web/worker`. */
  readonly worker: () => Worker
  /** Where the MLS engine's `.wasm` lies. */
  readonly engine: string | URL
  /** The relay's address. Left out: the one of this profile, at first the origin of this page. */
  readonly relay?: string
  /** Told once if the worker breaks after it was opened: the profile is then free again, to be opened anew. */
  readonly onBroken?: (fault: WorkerFault) => void
  /** How long to wait for another tab that owns the profile to end, ms. */
  readonly waitMs?: number
}

const retryEveryMs = 100

/**
 * Opens the profile of this origin; this tab owns it until `close`, or until the tab ends.
 *
 * Fails with ClientError `profile-in-use` (another tab has it), `profile-newer`, `profile-unwritable`, `damaged`,
 * `disk-full` or `other-relay`, and with WorkerFault where the worker itself fails.
 */
export async function open(options: OpenOptions): Promise<WebClient> {
  const until = performance.now() + (options.waitMs ?? 5_000)
  const letGo = await becomeOwner(options.waitMs ?? 5_000)
  try {
    const link = await linkUntil(until, options)
    const over = link.ended.then((fault) => {
      letGo()
      if (fault !== undefined) options.onBroken?.(fault)
    })
    return clientOver(link.calls, () => {
      link.close()
      return over
    })
  } catch (error) {
    letGo()
    throw error
  }
}

/** A tab that was just closed or loaded anew gives its lock back a little before its worker's files. */
async function linkUntil(until: number, options: OpenOptions): Promise<WorkerLink> {
  for (;;) {
    try {
      return await linkWorker(options.worker(), {
        relay: options.relay,
        home: location.origin,
        engine: new URL(options.engine, location.href).href,
      })
    } catch (error) {
      if (!(error instanceof StillHeldError)) throw error
      if (performance.now() >= until)
        throw new ClientError(
          'profile-in-use',
          'Another window of this browser is still closing Quintet. Load this page again.',
        )
    }
    await new Promise((done) => setTimeout(done, retryEveryMs))
  }
}

function clientOver({ call, on }: Calls, close: () => Promise<void>): WebClient {
  return {
    on,
    close,
    self: () => call('self', []),
    status: () => call('status', []),
    online: (...args) => call('online', args),
    signUp: (...args) => call('signUp', args),
    link: (input, asked) => call('link', [input], asked),
    approve: (offerOrCode, choice, asked) => call('approve', [offerOrCode, choice], asked),
    recover: (...args) => call('recover', args),
    newRecovery: (...args) => call('newRecovery', args),
    devices: () => call('devices', []),
    renameDevice: (...args) => call('renameDevice', args),
    makeMain: (...args) => call('makeMain', args),
    setRights: (...args) => call('setRights', args),
    unlink: (...args) => call('unlink', args),
    signOut: () => call('signOut', []),
    deleteAccount: (...args) => call('deleteAccount', args),
    profile: (...args) => call('profile', args),
    createGroup: (...args) => call('createGroup', args),
    addToGroup: (...args) => call('addToGroup', args),
    removeFromGroup: (...args) => call('removeFromGroup', args),
    setAdmin: (...args) => call('setAdmin', args),
    leaveGroup: (...args) => call('leaveGroup', args),
    renameGroup: (...args) => call('renameGroup', args),
    chats: () => call('chats', []),
    messages: (...args) => call('messages', args),
    find: (...args) => call('find', args),
    send: (...args) => call('send', args),
    reply: (...args) => call('reply', args),
    edit: (...args) => call('edit', args),
    deleteMessage: (...args) => call('deleteMessage', args),
    react: (...args) => call('react', args),
    markRead: (...args) => call('markRead', args),
    accept: (...args) => call('accept', args),
    block: (...args) => call('block', args),
    typing: (...args) => call('typing', args),
    verify: (...args) => call('verify', args),
    sync: () => call('sync', []),
  }
}
