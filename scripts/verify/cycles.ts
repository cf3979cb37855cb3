import { importsOf } from './imports.ts'
import type { Module } from './tree.ts'

function edgesOf(module: Module): ReadonlyMap<string, readonly string[]> {
  const paths = new Set(module.files.map((file) => file.path))
  return new Map(
    module.files.map((file) => {
      const targets = importsOf(file.path, file.text)
        .filter(({ specifier, isType }) => specifier.startsWith('.') && !isType)
        .map(({ specifier }) => new URL(specifier, `file:///${file.path}`).pathname.slice(1))
      return [file.path, targets.filter((target) => paths.has(target))]
    }),
  )
}

/** Import cycles among the files of a package, each as the path back to its first file. Types are gone at run time and close none. */
export function findCycles(module: Module): readonly (readonly string[])[] {
  const edges = edgesOf(module)
  const done = new Set<string>()
  const cycles: (readonly string[])[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) {
      cycles.push([...trail.slice(start), path])
      return
    }
    if (done.has(path)) return
    for (const target of edges.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
  return cycles
}
