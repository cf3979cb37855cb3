export interface Outcome<T> {
  readonly value: T | undefined
  /** Why it was not done, in the client's own codes; `killed`: its process was. */
  readonly code: string | undefined
  readonly why?: Error
}

/** Whatever goes wrong is the client's to say in its own codes; a device that was killed says nothing. */
export async function attempt<T>(work: Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work, code: undefined }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (typeof code !== 'string' || code === 'stuck' || code === 'never-quiet') throw error
    return { value: undefined, code, ...(error instanceof Error && { why: error }) }
  }
}
