/**
 * Turns the glue of wasm-bindgen, which holds one instance per process, into a function that makes
 * instances. Each engine has one of its own: a trap spoils that one only, and nothing is shared.
 */
export function glueFactory(glue) {
  const end = glue.indexOf('let wasmModule, wasmInstance, wasm;')
  if (end < 0) throw new Error('the glue of wasm-bindgen has another shape than expected')
  const body = glue
    .slice(0, end)
    .replace(/^\/\*.*\*\/\n/, '')
    .replaceAll(/^export (class|function) /gm, '$1 ')
    .trimEnd()
  return `/* Made by scripts/build-mls.js from the output of wasm-bindgen; not edited by hand. */
/** Makes an instance of the engine's module, with a memory of its own. */
export function instantiate(compiled) {
let wasm;
${body}

wasm = new WebAssembly.Instance(compiled, __wbg_get_imports()).exports;
wasm.__wbindgen_start();
return { Engine, panicPlace };
}
`
}

/** The types to it. */
export function glueTypes(types) {
  const from = types.indexOf("import type * as port from '../src/mls-engine.ts'")
  const to = types.indexOf('export type InitInput')
  if (from < 0 || to < 0) throw new Error('the types of wasm-bindgen have another shape than expected')
  const body = types
    .slice(from, to)
    .replaceAll(' | number[]', '')
    .replace('export class Engine', 'declare class Engine')
    .replace('export function panicPlace', 'declare function panicPlace')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trimEnd()
  return `/* Made by scripts/build-mls.js from the output of wasm-bindgen; not edited by hand. */
${body}

export type { Engine }

/** Makes an instance of the engine's module, with a memory of its own. */
export function instantiate(compiled: WebAssembly.Module): {
  readonly Engine: typeof Engine
  readonly panicPlace: typeof panicPlace
}
`
}
