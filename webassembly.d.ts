/** The part of WebAssembly that is used; Node's types leave it to the DOM's. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array | ArrayBuffer)
  }
  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>
  }
  class RuntimeError extends Error {}
}
