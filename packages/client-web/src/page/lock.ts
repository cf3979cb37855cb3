import { ClientError } from '@quintet/client/error'

/** Held by the tab that owns this origin's profile; the browser lets go of it when the tab ends, however that ends. */
const name = 'quintet-profile'

/**
 * Makes this tab the owner, waiting up to `waitMs` for another one to end; answers how to let go.
 *
 * Fails with `profile-in-use`.
 */
export async function becomeOwner(waitMs: number): Promise<() => void> {
  return new Promise((owning, refused) => {
    const held = () => new Promise<void>((letGo) => owning(() => letGo()))
    navigator.locks.request(name, { signal: AbortSignal.timeout(waitMs) }, held).catch(() => {
      refused(
        new ClientError(
          'profile-in-use',
          'Quintet is open in another tab of this browser. Go there, or close it and load this page again.',
        ),
      )
    })
  })
}
