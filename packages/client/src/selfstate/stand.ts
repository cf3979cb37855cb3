import type { ClientEvent } from '../api.ts'
import type { Database } from '../ports.ts'
import type { Me } from '../store/me.ts'
import { applyEffect } from './effects.ts'
import { beats } from './merge.ts'
import type { Op } from './op.ts'
import { putWinner, sawLamport, winnerOf } from './winner.ts'

/** Lets an op stand in the place of what it beats, with its effects; one that is beaten leaves only its Lamport number. */
export function letStand(db: Database, me: Me, op: Op): readonly ClientEvent[] {
  sawLamport(db, op.lamport)
  const standing = winnerOf(db, op.key)
  if (standing !== undefined && !beats(op, standing)) return []
  putWinner(db, op)
  return applyEffect(db, me, op)
}
