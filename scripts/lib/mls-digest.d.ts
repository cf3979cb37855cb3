/** What is built. */
export const built: readonly string[]
/** A digest over the contents of all that the engine is built from. */
export function sourcesDigest(): string
/** Digests of what was built, by name. */
export function builtDigests(): Readonly<Record<string, string>>
