/** A private-use character that stands before a text which begins with a dash, while the options are read. */
const mark = '\ue0f5'

/** What the command line's options look like; anything else that begins with a dash ("-5", "- milk", "-->") is text. */
const option = /^--?[A-Za-z][\w-]*(=.*)?$/s

/** Marks texts that begin with a dash, so that they are not taken for options. */
export function markTexts(argv: readonly string[]): readonly string[] {
  const rest = argv.indexOf('--')
  return argv.map((text, at) => {
    const isText = text.startsWith('-') && text !== '-' && text !== '--' && !option.test(text)
    return isText && (rest === -1 || at < rest) ? mark + text : text
  })
}

export function unmarked(text: string): string {
  return text.startsWith(mark) ? text.slice(mark.length) : text
}
