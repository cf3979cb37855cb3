/**
 * Text from others, made harmless for a terminal: control characters could move the cursor, rename the window or
 * answer for the reader, and marks of direction could swap what is read.
 */
export function safe(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (mark) =>
    mark === '\t' ? ' ' : '\ufffd',
  )
}

/** The same in one line. */
export function oneLine(text: string): string {
  return safe(text.replace(/\s*[\r\n\u2028\u2029]+\s*/g, ' '))
}
