import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

export interface Page {
  readonly path: string
  readonly text: string
}

const skipped = new Set(['node_modules', 'dist', 'target', 'api'])

/** All Markdown of a checkout, the generated reports left out. */
export function readPages(root: string, folder = root): readonly Page[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      return skipped.has(entry.name) || entry.name.startsWith('.') ? [] : readPages(root, path)
    }
    return entry.name.endsWith('.md') ? [{ path: relative(root, path), text: readFileSync(path, 'utf8') }] : []
  })
}

/** The code blocks of one language. */
export function codeBlocks(text: string, language: string): readonly string[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, found, code]) =>
    found === language && code !== undefined ? [code] : [],
  )
}
