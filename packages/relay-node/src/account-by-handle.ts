import { parseHandle } from '@quintet/domain'
import type { AccountSummary, RelayStore } from '@quintet/relay'

/** What is known of whoever has that handle now; undefined for nobody, and for what is no handle. */
export async function accountByHandle(store: RelayStore, text: string): Promise<AccountSummary | undefined> {
  const handle = parseHandle(text)
  const account = handle && (await store.handles.find(handle))
  return account && store.accounts.summary(account)
}
