import { pino } from 'pino'
import type { RelayLogger } from './start-relay.ts'

/** Short JSON lines on stderr. They hold counts and codes; no ids, handles, addresses or texts. */
export function stderrLogger(level: string): RelayLogger {
  const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']
  return pino({ base: null, level: levels.includes(level) ? level : 'info' }, pino.destination({ dest: 2, sync: true }))
}
