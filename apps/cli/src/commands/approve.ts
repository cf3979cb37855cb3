import type { ApproveQuestions } from '@quintet/client-node'
import { fresh } from '../fresh.ts'
import type { Job } from '../job.ts'
import { needsYes } from '../refusal.ts'
import { oneLine } from '../show/safe.ts'
import { welcomeLine } from '../show/device.ts'

type Request = Parameters<ApproveQuestions['pick']>[0]

/** Takes another device into the account. */
export async function approve(job: Job, offerOrCode: string, options: { readonly manage: boolean }): Promise<void> {
  const { client, screen, settings } = job
  if (screen.json && !settings.yes) throw needsYes('Approving asks which words the new device shows.')
  // Names of devices come by the self chat; an account that is full is told by them.
  await fresh(job)
  let name = ''
  const added = await client.approve(offerOrCode, options, {
    pick(request) {
      name = request.name
      return settings.yes ? Promise.resolve(request.right) : pick(job, request)
    },
  })
  const view = screen.json ? undefined : (await client.devices()).find((one) => one.device === added.device)
  screen.tell({ device: added.device, kind: added.kind, words: added.words.join(' ') }, () =>
    view === undefined ? 'The new device is part of your account.' : welcomeLine({ ...view, name }, Date.now()),
  )
}

/** The relay says it coarsely, in words. */
function networkOf(network: string): string {
  if (network === 'same network') return 'in the same network as this one'
  return network === 'other network' ? 'in another network than this one' : oneLine(network)
}

/** Two tries at a number; anything else is no. */
async function pick({ screen }: Job, request: Request): Promise<number | undefined> {
  const { paint } = screen
  const question = [
    `${paint.strong(oneLine(request.name))} wants to join your account. Pick the words that it shows.`,
    paint.quiet(`A ${request.kind}, ${oneLine(request.platform)}, ${networkOf(request.network)}`),
    '',
    ...request.choices.map((words, at) => `  ${paint.accent(String(at + 1))}  ${words.join('   ')}`),
    '',
    paint.attention('Is somebody asking you to do this over the phone or in a chat? They could read everything.'),
    'Press Enter alone to cancel.',
    '',
    `Which words? [1-${request.choices.length}] `,
  ].join('\n')
  for (const text of [question, `A number from 1 to ${request.choices.length}, or Enter to cancel: `]) {
    const answer = (await screen.ask(text))?.trim() ?? ''
    if (answer === '') return undefined
    const number = /^[1-9]$/.test(answer) ? Number(answer) : 0
    if (number >= 1 && number <= request.choices.length) return number - 1
  }
  return undefined
}
