/** A process that makes load: it takes orders from the benchmark and does nothing by itself. */
import { Load } from './load.ts'
import { parseOrder, type Word } from './plan.ts'

// Whoever listened has ended: `disconnect` follows.
const say = (word: Word): void => void process.send?.(word, undefined, undefined, () => {})
const load = new Load(say)
process.on('message', (message) => load.take(parseOrder(message)))
process.on('disconnect', () => process.exit(0))
