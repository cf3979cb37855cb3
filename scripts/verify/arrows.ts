import { builtinModules } from 'node:module'
import { findCycles } from './cycles.ts'
import { importsOf } from './imports.ts'
import type { Module, SourceFile } from './tree.ts'

/**
 * Which package may lean on which: the layers of docs/architecture.md, written out in full.
 *
 * A package that is not listed here fails the check, so that a new one gets its place on purpose.
 */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  'packages/domain': [],
  'packages/wire': ['packages/domain'],
  'packages/identity': ['packages/domain', 'packages/wire'],
  'packages/crypto': ['packages/domain', 'packages/wire', 'packages/identity'],
  'packages/client': ['packages/domain', 'packages/wire', 'packages/identity', 'packages/crypto'],
  'packages/client-node': ['packages/domain', 'packages/crypto', 'packages/client'],
  'packages/client-web': ['packages/domain', 'packages/crypto', 'packages/client'],
  'packages/relay': ['packages/domain', 'packages/wire', 'packages/identity'],
  'packages/relay-node': ['packages/domain', 'packages/wire', 'packages/relay'],
  'packages/testkit': ['packages/domain', 'packages/wire', 'packages/client', 'packages/client-node', 'packages/relay'],
  'apps/cli': ['packages/domain', 'packages/client-node'],
  'apps/server': ['packages/relay', 'packages/relay-node'],
}

/** Packages that run in every runtime: nothing of Node in what they ship. */
const sansPlatform = new Set(
  ['domain', 'wire', 'identity', 'crypto', 'client', 'relay'].map((name) => `packages/${name}`),
)

/** Tools of the root that every test may use. */
const testTools = new Set(['vitest', 'fast-check', 'playwright-core', 'puppeteer-core', 'rolldown'])

const builtins = new Set(builtinModules)
const isBuiltin = (name: string) => name.startsWith('node:') || builtins.has(name)

/** `@scope/name/deep/path` → [`@scope/name`, `./deep/path`]. */
function splitSpecifier(specifier: string): readonly [name: string, subpath: string] {
  const parts = specifier.split('/')
  const length = specifier.startsWith('@') ? 2 : 1
  const rest = parts.slice(length).join('/')
  return [parts.slice(0, length).join('/'), rest === '' ? '.' : `./${rest}`]
}

function resolveInside(from: string, specifier: string): string {
  return new URL(specifier, `file:///inside/package/${from}`).pathname
}

/** Every way in which the modules break the layers, one sentence each; empty = they keep them. */
export function findArrowFaults(tree: readonly Module[], allowed = arrows): readonly string[] {
  const byName = new Map(tree.map((module) => [module.name, module]))
  const faults: string[] = []
  for (const module of tree) {
    if (allowed[module.folder] === undefined)
      faults.push(`${module.folder}: has no place in the layers (scripts/verify/arrows.ts)`)
    const used = { shipped: new Set<string>(), tested: new Set<string>() }
    for (const file of module.files) faults.push(...fileFaults(module, file, byName, allowed, used))
    faults.push(...manifestFaults(module, used))
    for (const cycle of findCycles(module)) faults.push(`${module.folder}: import cycle ${cycle.join(' → ')}`)
  }
  return faults
}

interface Used {
  readonly shipped: Set<string>
  readonly tested: Set<string>
}

function fileFaults(
  module: Module,
  file: SourceFile,
  byName: ReadonlyMap<string, Module>,
  allowed: Readonly<Record<string, readonly string[]>>,
  used: Used,
): readonly string[] {
  const faults: string[] = []
  const at = `${module.folder}/${file.path}`
  for (const { specifier } of importsOf(file.path, file.text)) {
    if (specifier.startsWith('.')) {
      const target = resolveInside(file.path, specifier)
      const isInside = target.startsWith('/inside/package/') || (file.isTest && target.startsWith('/scripts/'))
      if (!isInside) faults.push(`${at}: reaches out of its package by ${specifier}`)
      continue
    }
    if (isBuiltin(specifier)) {
      if (!file.isTest && sansPlatform.has(module.folder))
        faults.push(`${at}: ${specifier} does not exist in every runtime`)
      continue
    }
    const [name, subpath] = splitSpecifier(specifier)
    if (name !== module.name) (file.isTest ? used.tested : used.shipped).add(name)
    const target = byName.get(name)
    if (target === undefined) continue
    if (!target.exports.includes(subpath)) faults.push(`${at}: ${specifier} is not exported by ${name}`)
    const isArrow = target === module || (allowed[module.folder] ?? []).includes(target.folder)
    if (!isArrow && !file.isTest) faults.push(`${at}: ${module.folder} may not import ${target.folder}`)
  }
  return faults
}

function manifestFaults(module: Module, used: Used): readonly string[] {
  const faults: string[] = []
  const named = new Set([...module.dependencies, ...module.devDependencies])
  for (const name of used.shipped) {
    if (!module.dependencies.includes(name))
      faults.push(`${module.folder}: imports ${name}, package.json does not depend on it`)
  }
  for (const name of used.tested) {
    if (!named.has(name) && !testTools.has(name))
      faults.push(`${module.folder}: a test imports ${name}, package.json does not name it`)
  }
  for (const name of module.dependencies) {
    if (!used.shipped.has(name))
      faults.push(`${module.folder}: package.json depends on ${name}, nothing that ships imports it`)
  }
  for (const name of module.devDependencies) {
    if (!used.tested.has(name) && !name.startsWith('@types/')) faults.push(`${module.folder}: no test imports ${name}`)
  }
  return faults
}
