import { ownerCommand } from './owner/run.ts'

process.exitCode = await ownerCommand(process.argv.slice(2))
