import type { ClientEvent } from '../api.ts'
import type { Database } from '../ports.ts'
import type { Me } from '../store/me.ts'
import type { Action, Outcome } from './deed.ts'
import { applyDelete } from './delete.ts'
import { drop } from './drop.ts'
import { applyEdit } from './edit.ts'
import { messageView } from './message-view.ts'
import { applyReaction } from './reaction.ts'
import { targetOf } from './target.ts'
import { awaitTarget } from './waiting.ts'

/** Does it, keeps it until its target comes, or drops it (M1). */
export function applyAction(db: Database, me: Me, action: Action): readonly ClientEvent[] {
  const outcome = act(db, action)
  switch (outcome) {
    case 'waits':
      awaitTarget(db, action)
      return []
    case 'nothing':
      return []
    case 'done': {
      const message = messageView(db, me, action.chat, action.target)
      return message === undefined ? [] : [{ event: action.deed.case, message }]
    }
    case 'malformed':
    case 'not-entitled':
    case 'content-flag':
    case 'late-edit':
    case 'not-a-text':
    case 'forged-info':
    case 'doubled-id':
      return drop(db, action.chat, outcome)
  }
}

function act(db: Database, action: Action): Outcome | 'waits' {
  const target = targetOf(db, action.chat, action.target)
  if (target === undefined) return 'waits'
  switch (action.deed.case) {
    case 'edit':
      return applyEdit(db, action, target, action.deed.value)
    case 'delete':
      return applyDelete(db, action, target)
    case 'reaction':
      return applyReaction(db, action, target, action.deed.value)
  }
}
