/* Made by scripts/build-mls.js from the output of wasm-bindgen; not edited by hand. */
import type * as port from '../src/mls-engine.ts'

declare class Engine {
    free(): void;
    [Symbol.dispose](): void;
    acceptJoin(staged: number): port.GroupView;
    clearPending(group: Uint8Array): void;
    commit(group: Uint8Array, add_key_packages: Uint8Array[], remove_leaves: Uint32Array, policy: Uint8Array | null | undefined, aad: Uint8Array, now: bigint): port.OwnCommit;
    createGroup(group: Uint8Array, suite: port.Suite, policy: Uint8Array, now: bigint): port.GroupView;
    createKeyPackages(suite: port.Suite, count: number, lifetime_seconds: bigint, last_resort: boolean, now: bigint): port.KeyPackage[];
    createSigner(): Uint8Array;
    deleteGroup(group: Uint8Array): void;
    discardJoin(staged: number): void;
    discardStaged(group: Uint8Array, staged: number): void;
    dropScratch(group: Uint8Array): void;
    encrypt(group: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array;
    exportSecret(group: Uint8Array, label: string, context: Uint8Array, length: number): Uint8Array;
    forgetKeyPackages(references: Uint8Array[]): void;
    groupInfo(group: Uint8Array): Uint8Array;
    hasPending(group: Uint8Array): boolean;
    inspectGroupInfo(group_info: Uint8Array): ReturnType<port.MlsEngine['inspectGroupInfo']>;
    inspectKeyPackage(key_package: Uint8Array): ReturnType<port.MlsEngine['inspectKeyPackage']>;
    joinExternal(group_info: Uint8Array, aad: Uint8Array, now: bigint): ReturnType<port.MlsEngine['joinExternal']>;
    mergePending(group: Uint8Array): port.GroupView;
    mergeStaged(group: Uint8Array, staged: number): port.GroupView;
    constructor(rows: port.EngineRows, max_loaded_bytes: number);
    open(group: Uint8Array, message: Uint8Array, now: bigint): port.Opened;
    ownGeneration(group: Uint8Array): number;
    reloadAll(): void;
    reload(group: Uint8Array): void;
    replaceByScratch(group: Uint8Array): port.GroupView;
    stageWelcome(welcome: Uint8Array): ReturnType<port.MlsEngine['stageWelcome']>;
    takeChanges(): port.RowChange[];
    useIdentity(signature_key: Uint8Array, credential: Uint8Array): void;
    view(group: Uint8Array): port.GroupView | undefined;
    welcomeRefs(welcome: Uint8Array): Uint8Array[];
    readonly loadedBytes: number;
}

/**
 * Where the panic was that trapped this instance; only the place, for its text may hold anything.
 */
declare function panicPlace(): string;

export type { Engine }

/** Makes an instance of the engine's module, with a memory of its own. */
export function instantiate(compiled: WebAssembly.Module): {
  readonly Engine: typeof Engine
  readonly panicPlace: typeof panicPlace
}
