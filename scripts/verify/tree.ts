import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** A package or app: its manifest and its TypeScript, paths relative to it. */
export interface Module {
  /** As it is imported: `@quintet/domain`. */
  readonly name: string
  /** As it lies in the checkout: `packages/domain`. */
  readonly folder: string
  readonly dependencies: readonly string[]
  readonly devDependencies: readonly string[]
  /** The keys of `exports`: `.` and what else may be imported. */
  readonly exports: readonly string[]
  readonly files: readonly SourceFile[]
}

export interface SourceFile {
  readonly path: string
  readonly text: string
  /** Tests, contract suites, benchmarks and soaks: they may lean on more than what ships. */
  readonly isTest: boolean
}

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, unknown>>
}

const skipped = new Set(['node_modules', 'gen', 'wasm'])

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : filesUnder(path)
    return /\.(ts|tsx)$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : []
  })
}

function parseManifest(text: string): Manifest {
  return JSON.parse(text) as Manifest
}

function readModule(root: string, folder: string): Module {
  const manifest = parseManifest(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  const files = filesUnder(join(root, folder)).map((file) => {
    const path = relative(join(root, folder), file)
    const isTest = /\.(test|contract)\.tsx?$/.test(path) || /(^|\/)(test|bench|soak)\//.test(path)
    return { path, text: readFileSync(file, 'utf8'), isTest }
  })
  return {
    name: manifest.name,
    folder,
    dependencies: Object.keys(manifest.dependencies ?? {}),
    devDependencies: Object.keys(manifest.devDependencies ?? {}),
    exports: Object.keys(manifest.exports ?? {}),
    files,
  }
}

/** All packages and apps of a checkout. */
export function readTree(root: string): readonly Module[] {
  return ['packages', 'apps'].flatMap((kind) => {
    if (!existsSync(join(root, kind))) return []
    return readdirSync(join(root, kind))
      .map((name) => join(kind, name))
      .filter((folder) => existsSync(join(root, folder, 'package.json')))
      .map((folder) => readModule(root, folder))
  })
}
