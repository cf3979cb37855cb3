import { existsSync } from 'node:fs'
import { chooseRelay, type Client, openProfile } from '@quintet/client-node'
import { profileFiles } from '@quintet/client-node/folder'
import { execute, noAccount } from './execute.ts'
import { failureOf } from './failure.ts'
import type { Task } from './job.ts'
import { serve } from './live/serve.ts'
import { report } from './report.ts'
import type { Settings } from './settings.ts'
import type { Terminal } from './terminal.ts'
import { loadCommands, parse } from './usage/parse.ts'

/**
 * Carries the command out in this process, which owns the profile meanwhile; answers the exit code.
 *
 * `taken` when another process owns the profile and `isTaken`, asked while waiting for it, says that it takes commands.
 */
export async function runAsOwner(
  task: Task,
  settings: Settings,
  terminal: Terminal,
  isTaken: () => Promise<boolean>,
): Promise<number | 'taken'> {
  let client: Client | undefined
  let taken = false
  const giveUp = async () => {
    taken = await isTaken()
    return taken
  }
  try {
    // Asking about nothing must not make a profile.
    if (task.needsAccount && !existsSync(profileFiles(settings.profile).database)) throw noAccount()
    client = await openProfile({ dir: settings.profile, relay: settings.relay, giveUp })
    if (task.name === 'listen') return await listening(client, task, settings, terminal)
    return await execute(client, task, settings, terminal)
  } catch (error) {
    return taken ? 'taken' : report(terminal, failureOf(error), settings)
  } finally {
    await client?.close()
  }
}

/** While this one listens, other commands on the profile come through its socket. */
async function listening(client: Client, task: Task, settings: Settings, terminal: Terminal): Promise<number> {
  const signedOut = new AbortController()
  await loadCommands()
  const server = await serve(settings.profile, async (argv, caller) => {
    const code = await runFor(client, settings.profile, argv, caller)
    if (client.self() === undefined) signedOut.abort()
    return code
  })
  try {
    const stopped = AbortSignal.any([terminal.stopped, signedOut.signal])
    return await execute(client, task, settings, { ...terminal, stopped })
  } finally {
    await server.close()
  }
}

async function runFor(client: Client, dir: string, argv: readonly string[], caller: Terminal): Promise<number> {
  const parsed = parse(argv, caller.traits.columns)
  // Whoever comes through has read the same words before; only a task is left.
  if (parsed.kind !== 'task') return 2
  const { task, settings } = parsed
  try {
    chooseRelay(dir, settings.relay, client.self() !== undefined)
  } catch (error) {
    return report(caller, failureOf(error), settings)
  }
  return await execute(client, task, settings, caller)
}
