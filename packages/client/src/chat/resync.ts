import type { JoinView } from '@quintet/crypto'
import { type ChatId, sameBytes } from '@quintet/domain'
import type { Core } from '../core.ts'
import { refuseJoin } from './admit.ts'
import { followCommits } from './follow-commits.ts'
import { chatRecord } from './record.ts'
import { lossOf, refusedAgain } from './repair.ts'
import { block } from './take-commit.ts'

/**
 * Whether this device may enter a chat again in the state that it is shown (C12): not if what led there breaks the rules,
 * which stops the chat as for everyone, nor if nobody can tell how its policy came about.
 *
 * False: the chat says why. What is shown may be better the next time; where it is not, somebody's commit has made the
 * chat one that nobody can enter, and it goes on by C13.
 */
export async function mayResync(
  core: Core,
  chat: ChatId,
  shown: Pick<JoinView, 'epoch' | 'leaves' | 'policy'>,
): Promise<boolean> {
  const before = chatRecord(core.db, chat)
  if (before?.held !== 'repair' || before.policy === undefined) return true
  const way = await followCommits(core, chat, shown)
  const record = chatRecord(core.db, chat)
  if (record === undefined) return false
  switch (way.kind) {
    case 'fits':
      return true
    case 'refused':
      if (!way.sure) {
        resyncFailed(core, chat, way.why)
        return false
      }
      core.write((emit) => block(core, record, way.device, emit, way.why))
      return false
    case 'differs':
      resyncFailed(core, chat, 'not-followed')
      return false
    case 'unknown': {
      // Whoever lost its keys by itself, or was away too long, knows no more than a device that is new (C8).
      const loss = lossOf(core, chat)
      const alone = loss !== 'does-not-fit' && loss !== 'unreadable'
      if (alone || sameBytes(before.policy, shown.policy)) return true
      resyncFailed(core, chat, 'not-followed')
      return false
    }
  }
}

/** Nobody is let in this time; the second time in a row after a commit that did not fit, the chat counts as stopped (C13). */
export function resyncFailed(core: Core, chat: ChatId, why: string): void {
  const record = chatRecord(core.db, chat)
  if (record === undefined || !refusedAgain(core, chat)) {
    refuseJoin(core, chat, why)
    return
  }
  core.write((emit) => block(core, record, undefined, emit, why))
}
