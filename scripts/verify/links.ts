import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readPages } from './markdown.ts'

/** GitHub's anchor for a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')
}

function anchorsOf(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/^#+ +(.+)$/gm)].map(([, heading]) => anchorOf(heading ?? '')))
}

/** Relative links in Markdown whose file or heading is not there. */
export function findDeadLinks(root: string): readonly string[] {
  const pages = readPages(root)
  const byPath = new Map(pages.map((page) => [page.path, page]))
  return pages.flatMap((page) =>
    [...page.text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
      if (/^[a-z]+:/.test(link)) return []
      const [file = '', anchor] = link.split('#')
      const path = file === '' ? page.path : join(dirname(page.path), file)
      if (!existsSync(join(root, path))) return [`${page.path}: ${link} leads nowhere`]
      const target = byPath.get(path)
      if (anchor === undefined || target === undefined || anchorsOf(target.text).has(anchor)) return []
      return [`${page.path}: ${link} names no heading of ${path}`]
    }),
  )
}
