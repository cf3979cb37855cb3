/// <reference path="./webcrypto.d.ts" />
/// <reference path="./webassembly.d.ts" />
/** What every runtime that Quintet knows has (Node 24, browsers and their workers), and nothing more. */

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>
}

declare class TextDecoder {
  constructor(label?: string, options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean })
  decode(bytes?: Uint8Array | ArrayBuffer): string
}

declare namespace Intl {
  interface Segmenter {
    segment(text: string): Iterable<{ readonly segment: string; readonly isWordLike?: boolean }>
  }
}

declare function structuredClone<T>(value: T): T
declare function queueMicrotask(task: () => void): void
