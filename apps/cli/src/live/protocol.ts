import type { TerminalTraits } from '../terminal.ts'

/** Both sides are this version of this program, or the command is told so. */
export const liveVersion = 1

/** From the listening process. `ready` comes first, and means that the command will be taken. */
export type ToCaller =
  | { readonly ready: number }
  | { readonly out: string }
  | { readonly err: string }
  | { readonly ask: string }
  | { readonly exit: number }

/** From the process that came through: the command once, then an answer to each question. */
export type ToListener =
  | { readonly argv: readonly string[]; readonly traits: TerminalTraits; readonly version: number }
  | { readonly answer: string | null }

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null

/** Undefined for what is no such line. */
export function parseToCaller(value: unknown): ToCaller | undefined {
  if (!isFields(value)) return undefined
  if (typeof value['ready'] === 'number') return { ready: value['ready'] }
  if (typeof value['out'] === 'string') return { out: value['out'] }
  if (typeof value['err'] === 'string') return { err: value['err'] }
  if (typeof value['ask'] === 'string') return { ask: value['ask'] }
  if (typeof value['exit'] === 'number') return { exit: value['exit'] }
  return undefined
}

/** Undefined for what is no such line. */
export function parseToListener(value: unknown): ToListener | undefined {
  if (!isFields(value)) return undefined
  if ('answer' in value) {
    const { answer } = value
    return typeof answer === 'string' ? { answer } : { answer: null }
  }
  const { argv, traits, version } = value
  if (!Array.isArray(argv) || typeof version !== 'number' || !isFields(traits)) return undefined
  const texts = argv.filter((text): text is string => typeof text === 'string')
  if (texts.length !== argv.length) return undefined
  return {
    argv: texts,
    version,
    traits: {
      colour: traits['colour'] === true,
      columns: typeof traits['columns'] === 'number' ? traits['columns'] : 100,
      interactive: traits['interactive'] === true,
    },
  }
}
