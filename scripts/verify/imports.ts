import { parseSync } from 'rolldown/utils'

/** One place where a file names another module. */
export interface Import {
  readonly specifier: string
  /** True when nothing of it is left at run time. */
  readonly isType: boolean
}

const spelledOut = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g

/** Every import, re-export and dynamic import of a TypeScript file. */
export function importsOf(path: string, text: string): readonly Import[] {
  const { module } = parseSync(path, text)
  const found: Import[] = []
  for (const { moduleRequest, entries } of module.staticImports) {
    found.push({ specifier: moduleRequest.value, isType: entries.length > 0 && entries.every((entry) => entry.isType) })
  }
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, isType } of entries) {
      if (moduleRequest !== null) found.push({ specifier: moduleRequest.value, isType })
    }
  }
  for (const [, specifier] of text.matchAll(spelledOut)) {
    if (specifier !== undefined) found.push({ specifier, isType: false })
  }
  return found
}
