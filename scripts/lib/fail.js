/** A failure that a person can act on: shown as its one sentence, never as a stack trace. */
export class Refusal extends Error {
  name = 'Refusal'
}

/** Runs `task`; a Refusal ends the process with its sentence and exit 1, as JSON where the caller asked for JSON. */
export async function orExplain(task) {
  try {
    return await task()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const json = process.argv.includes('--json')
    console.error(json ? JSON.stringify({ error: 'not-ready', message: error.message }) : error.message)
    process.exit(1)
  }
}
