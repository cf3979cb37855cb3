import { ClientError, DatabaseError } from '@quintet/client'

/** A failure of the database, as something a person can act on. */
export function storageErrorOf(error: DatabaseError): ClientError {
  switch (error.kind) {
    case 'full':
      return new ClientError('disk-full', 'This browser has no room left. Make some and try again; nothing was lost.')
    case 'damaged':
      return new ClientError(
        'damaged',
        'What this browser stored is damaged. Your other devices have everything: unlink this one and link it again.',
      )
    case 'newer':
      return new ClientError(
        'profile-newer',
        'A newer version of Quintet was used in this browser. Load the page again to get it.',
      )
    case 'unwritable':
    case 'failed':
      return new ClientError(
        'profile-unwritable',
        'This browser gives the page no storage. Private windows often give none; use an ordinary one.',
      )
  }
}

/** The same for whatever was thrown while the profile was open; what nobody can act on stays as it is. */
export function withoutStorage(error: unknown): unknown {
  return error instanceof DatabaseError && error.kind !== 'failed' ? storageErrorOf(error) : error
}
