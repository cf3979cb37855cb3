import type { Job } from '../job.ts'
import { count } from '../show/words.ts'

export async function sync({ client, screen, settings }: Job): Promise<void> {
  await client.online(settings.waitMs)
  const { received, gaps } = await client.sync()
  screen.tell({ received, gaps }, () => {
    const news = received === 0 ? 'Nothing new' : `${count(received, 'entry', 'entries')} fetched`
    return gaps === 0 ? `${news}. All is here.` : `${news}. Something is missing in ${count(gaps, 'place')}.`
  })
}
