import { type Client, ClientError } from '@quintet/client-node'
import { failureOf } from './failure.ts'
import type { Task } from './job.ts'
import { exitCodes, report } from './report.ts'
import { makeScreen } from './screen.ts'
import type { Settings } from './settings.ts'
import type { Terminal } from './terminal.ts'

/** Carries a command out on an open client and answers the exit code; a failure is told, never thrown. */
export async function execute(client: Client, task: Task, settings: Settings, terminal: Terminal): Promise<number> {
  try {
    if (task.needsAccount && client.self() === undefined) throw noAccount()
    const work = task.run({ client, screen: makeScreen(terminal, settings), settings })
    const end = await Promise.race([work.then(() => 'done' as const), stopping(task, terminal.stopped)])
    // What it was at goes on or fails by itself; nobody waits for it any more.
    if (end === 'stopped') work.catch(() => undefined)
    return end === 'stopped' ? exitCodes.interrupted : exitCodes.done
  } catch (error) {
    return report(terminal, failureOf(error), settings)
  }
}

/** `listen` is meant to be stopped, and ends by itself then. */
function stopping(task: Task, stopped: AbortSignal): Promise<'stopped'> {
  return new Promise((stop) => {
    if (task.name === 'listen') return
    if (stopped.aborted) return stop('stopped')
    stopped.addEventListener('abort', () => stop('stopped'))
  })
}

export function noAccount(): ClientError {
  return new ClientError(
    'profile-empty',
    'This profile has no account yet. Make one with `quintet signup`, join yours with `quintet link`, or come back with `quintet recover`.',
  )
}
