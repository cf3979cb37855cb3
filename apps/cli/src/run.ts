import type { Task } from './job.ts'
import { findListener, type Listener } from './live/caller.ts'
import { liveVersion } from './live/protocol.ts'
import { exitCodes, report } from './report.ts'
import type { Settings } from './settings.ts'
import type { Terminal } from './terminal.ts'
import { parse } from './usage/parse.ts'

/** Carries a command line out, here or through the process that listens on the profile; answers the exit code. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const parsed = parse(argv, terminal.traits.columns)
  switch (parsed.kind) {
    case 'help':
      terminal.out(parsed.text)
      return exitCodes.done
    case 'usage':
      if (parsed.json) {
        const failure = { code: 'usage', message: parsed.message, details: {}, lines: [], stack: undefined }
        return report(terminal, failure, { json: true, debug: false })
      }
      terminal.err(parsed.text)
      return exitCodes.usage
    case 'task': {
      const { task, settings } = parsed
      const listener = await findListener(settings.profile)
      if (listener !== undefined) return await runThrough(listener, task, argv, terminal, settings)
      let appeared: Listener | undefined
      const { runAsOwner } = await import('./owner.ts')
      const code = await runAsOwner(task, settings, terminal, async () => {
        appeared = await findListener(settings.profile)
        return appeared !== undefined
      })
      if (code !== 'taken') return code
      return appeared === undefined ? exitCodes.failed : await runThrough(appeared, task, argv, terminal, settings)
    }
  }
}

async function runThrough(
  listener: Listener,
  task: Task,
  argv: readonly string[],
  terminal: Terminal,
  settings: Settings,
): Promise<number> {
  if (listener.version !== liveVersion) {
    const message = 'Another version of Quintet listens on this profile. Stop it, then run the command again.'
    return report(terminal, { code: 'profile-in-use', message, details: {}, lines: [], stack: undefined }, settings)
  }
  const code = await listener.run(argv, terminal, settings)
  return task.name === 'listen' && code === exitCodes.interrupted ? exitCodes.done : code
}
