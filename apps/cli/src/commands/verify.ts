import { personOf } from '../find/person.ts'
import { fresh } from '../fresh.ts'
import type { Job } from '../job.ts'
import { numberedWords } from '../show/words.ts'
import { oneLine } from '../show/safe.ts'

export async function verify(job: Job, to: string): Promise<void> {
  await fresh(job)
  const person = personOf(job.client, to)
  const { words } = await job.client.verify(person)
  job.screen.tell({ words: words.join(' ') }, () =>
    [
      `Compare these words with ${oneLine(person)}, side by side or in a call where you know the voice:`,
      '',
      numberedWords(job.screen.paint, words),
      '',
      'The same on both sides: nobody stands between you. Different: somebody may. Then write nothing private here.',
    ].join('\n'),
  )
}
