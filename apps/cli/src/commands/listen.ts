import { type ClientEvent, ClientError } from '@quintet/client-node'
import type { Job } from '../job.ts'
import { eventJson } from '../json/event.ts'
import { eventLines } from '../show/event.ts'

/**
 * Prints what happens until it is stopped. Being offline is no reason to end: it says so and waits for the relay.
 *
 * Fails with `unlinked` or `account-closed` when this device is put out of the account meanwhile.
 */
export async function listen(job: Job): Promise<void> {
  const { client, screen } = job
  const lines = screen.json ? () => '' : eventLines(client, screen.paint)
  let connected: boolean | undefined
  let stop = (): void => undefined
  let fail = (_: ClientError): void => undefined
  const ended = new Promise<void>((resolve, reject) => {
    stop = resolve
    fail = reject
  })
  const show = (event: ClientEvent) => {
    if (event.event === 'state') {
      if (event.connected === connected && event.code === undefined) return
      connected = event.connected
      if (event.code === 'unlinked' || event.code === 'account-closed') {
        fail(new ClientError(event.code, event.sentence ?? 'This device is no longer part of the account.'))
      }
    }
    const line = lines(event)
    if (line !== undefined) screen.tell(eventJson(event), () => line)
  }
  screen.stopped.addEventListener('abort', stop)
  if (screen.stopped.aborted) stop()
  const forget = client.on(show)
  try {
    await Promise.race([ended, begin(job, (is) => connected ?? show({ event: 'state', connected: is }))])
    await ended
  } finally {
    forget()
    screen.stopped.removeEventListener('abort', stop)
  }
}

/** Connects and fetches what waits, then says which of the two it is; later reconnects are the client's own affair. */
async function begin({ client, settings }: Job, say: (connected: boolean) => void): Promise<void> {
  try {
    await client.online(settings.waitMs)
    await client.sync()
    say(true)
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== 'offline') throw error
    say(false)
  }
}
