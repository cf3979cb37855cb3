import { ClientError, DatabaseError } from '@quintet/client-node'
import { safe } from './show/safe.ts'
import { ago } from './show/time.ts'
import { Refusal } from './refusal.ts'
import { type Failure, unexpected } from './report.ts'

/** Whatever a command threw, as what is told. Only a failure that nobody expected carries a stack. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ClientError) return clientFailure(error)
  if (error instanceof Refusal) return plain(error.code, error.message)
  if (error instanceof DatabaseError) return databaseFailure(error)
  return unexpected(error)
}

function plain(code: string, message: string): Failure {
  return { code, message, details: {}, lines: [], stack: undefined }
}

function clientFailure(error: ClientError): Failure {
  const { devices, retryAfterS, queued } = error.details
  const details = {
    ...(retryAfterS === undefined ? {} : { retryAfterS }),
    ...(queued === undefined ? {} : { queued }),
    ...(devices === undefined
      ? {}
      : { devices: devices.map((one) => ({ device: one.device, name: one.name, lastSeen: one.lastSeen ?? null })) }),
  }
  const names = (devices ?? []).map((one) => one.name)
  const isNamed = names.every((name) => error.message.includes(name))
  const message = isNamed ? error.message : `${error.message} It has: ${names.join(', ')}.`
  const lines = (devices ?? []).map((one) => {
    const seen = one.lastSeen === undefined ? 'not seen yet' : `last seen ${ago(one.lastSeen, Date.now())}`
    return `  ${safe(one.name)}, ${seen}: quintet unlink ${one.device}`
  })
  return { code: error.code, message, details, lines, stack: undefined }
}

function databaseFailure(error: DatabaseError): Failure {
  switch (error.kind) {
    case 'full':
      return plain('disk-full', 'The disk of this device is full. Make room and try again; nothing was lost.')
    case 'damaged':
      return plain(
        'damaged',
        'What this device stored is damaged. Your other devices have everything: unlink this one and link it again.',
      )
    case 'newer':
      return plain('profile-newer', 'This profile was used by a newer version of Quintet. Update this one.')
    case 'unwritable':
      return plain(
        'profile-unwritable',
        'The disk of this device cannot be read or written. Look after it and start again; nothing that was confirmed is lost.',
      )
    case 'failed':
      return {
        ...plain('internal', 'The profile cannot be read or written. Add --debug to see why.'),
        stack: error.stack,
      }
  }
}
