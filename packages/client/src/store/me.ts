import type { Own } from '../core.ts'

/** Who reads and writes here. */
export type Me = Pick<Own, 'account' | 'device'>
