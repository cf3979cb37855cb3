/** The first digits of an id, enough to name one among those a person sees; commands take them in its place. */
export function shortId(id: string): string {
  return id.slice(0, 10)
}
