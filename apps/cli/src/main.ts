import { processTerminal } from './process-terminal.ts'
import { report, unexpected } from './report.ts'
import { run } from './run.ts'

const argv = process.argv.slice(2)
const terminal = processTerminal()
process.on('uncaughtException', (error) => {
  process.exit(report(terminal, unexpected(error), { json: argv.includes('--json'), debug: argv.includes('--debug') }))
})
const code = await run(argv, terminal)
await terminal.close()
process.exit(code)
