import type { Module, SourceFile } from './tree.ts'

const longest = 500

/** The only places that may throw a plain Error: they state that a thing cannot be. */
const assertions = /(^|\/)(assert|unreachable)\.ts$/

function fileFaults(at: string, file: SourceFile): readonly string[] {
  const faults: string[] = []
  const lines = file.text.split('\n')
  if (lines.length > longest) faults.push(`${at}: ${lines.length} lines; a file has at most ${longest}`)
  lines.forEach((line, index) => {
    const where = `${at}:${index + 1}`
    if (/\b(TODO|FIXME|XXX)\b/.test(line)) faults.push(`${where}: unfinished work belongs in an issue`)
    if (!file.isTest && /throw new Error\(/.test(line) && !assertions.test(file.path)) {
      faults.push(`${where}: throw a typed error, or assert`)
    }
  })
  return faults
}

/** What the linters do not know: length of files, plain throws, unfinished work. */
export function findStyleFaults(tree: readonly Module[]): readonly string[] {
  return tree.flatMap((module) => module.files.flatMap((file) => fileFaults(`${module.folder}/${file.path}`, file)))
}
