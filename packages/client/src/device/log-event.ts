import { parseLogBody } from '@quintet/identity'
import type { LogEntry } from '@quintet/wire'
import type { ClientEvent } from '../api.ts'

/** What a new entry of one's own log means to the people who look at their devices; undefined = nothing to tell. */
export function deviceEvent(entry: LogEntry): ClientEvent | undefined {
  const body = parseLogBody(entry.body)
  if ('fault' in body) return undefined
  const by = body.signer
  const { operation } = body
  switch (operation.kind) {
    case 'add':
      return { event: 'device', change: 'added', device: operation.identity.device, by }
    case 'remove':
      return { event: 'device', change: 'removed', device: operation.device, by }
    case 'make-main':
      return { event: 'device', change: 'main', device: operation.device, by }
    case 'claim':
    case 'set-rights':
      return { event: 'device', change: 'rights', device: operation.device, by }
    case 'set-recovery':
      return { event: 'device', change: 'recovery', device: undefined, by }
    case 'create':
      return { event: 'device', change: 'added', device: operation.identity.device, by }
    case 'close':
      return undefined
  }
}
