import { processTerminal } from './process-terminal.ts'
import { run } from './run.ts'

const terminal = processTerminal()
const code = await run(process.argv.slice(2), terminal)
await terminal.close()
process.exit(code)
