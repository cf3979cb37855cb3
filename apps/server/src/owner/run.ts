import { BackupError, StartError } from '@quintet/relay-node'
import { CommanderError } from 'commander'
import { ownerProgram } from './program.ts'
import { OwnerError } from './terminal.ts'

export interface OwnerIo {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

const processIo: OwnerIo = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
}

/** Runs one command of `quintet-relay`. 0 done, 1 refused or failed, 2 wrong usage. */
export async function ownerCommand(args: readonly string[], io: OwnerIo = processIo): Promise<number> {
  const json = args.includes('--json')
  try {
    await ownerProgram(io).parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (!isRefusal(error)) throw error
    io.err(json ? `${JSON.stringify({ error: error.code, message: error.message })}\n` : `${error.message}\n`)
    return 1
  }
}

function isRefusal(error: unknown): error is Error & { readonly code: string } {
  return error instanceof OwnerError || error instanceof StartError || error instanceof BackupError
}
