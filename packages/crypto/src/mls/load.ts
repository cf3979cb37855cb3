import type { EngineRows, MlsEngine } from '../mls-engine.ts'
import { runEngine } from './instance.ts'
import { keepViews } from './kept-views.ts'

export interface MlsEngineOptions {
  /** Above this many bytes of loaded groups the least recently used is let go. Default 64 MiB. */
  readonly maxLoadedBytes?: number
  /** The time at which lifetimes begin and are judged, in Unix seconds (C10). Default: the system's clock. */
  readonly nowSeconds?: () => bigint
}

const defaultMaxLoadedBytes = 64 * 1024 * 1024

function systemSeconds(): bigint {
  return BigInt(Math.floor(Date.now() / 1000))
}

/**
 * Makes one device's engine over its rows. Pass a compiled module where there are several: they share
 * its code and nothing else.
 *
 * A call that throws has changed nothing, so what the calls before it collected still stands; only
 * after code `engine` is it gone, and calls fail until `reload` or `reloadAll`.
 */
export function loadMlsEngine(
  wasm: Uint8Array<ArrayBuffer> | ArrayBuffer | WebAssembly.Module,
  rows: EngineRows,
  options: MlsEngineOptions = {},
): MlsEngine {
  const module = wasm instanceof WebAssembly.Module ? wasm : new WebAssembly.Module(wasm)
  const now = options.nowSeconds ?? systemSeconds
  let identity: { readonly signatureKey: Uint8Array; readonly credential: Uint8Array } | undefined
  const running = runEngine(module, rows, options.maxLoadedBytes ?? defaultMaxLoadedBytes, (engine) => {
    if (identity) engine.useIdentity(identity.signatureKey, identity.credential)
  })
  const { restart } = running
  const views = keepViews()
  const call: typeof running.call = (run) => {
    try {
      return running.call(run)
    } catch (error) {
      // It has changed nothing, or the caller reloads; a view costs less than to tell which.
      views.forgetAll()
      throw error
    }
  }

  return {
    createSigner: () => call((e) => e.createSigner()),
    useIdentity(signatureKey, credential) {
      call((e) => e.useIdentity(signatureKey, credential))
      identity = { signatureKey: signatureKey.slice(), credential: credential.slice() }
    },

    createKeyPackages: (suite, count, lifetimeSeconds, lastResort) =>
      call((e) => e.createKeyPackages(suite, count, lifetimeSeconds, lastResort, now())),
    forgetKeyPackages: (refs) => call((e) => e.forgetKeyPackages([...refs])),
    inspectKeyPackage: (bytes) => call((e) => e.inspectKeyPackage(bytes)),

    createGroup: (group, suite, policy) =>
      views.keep(
        group,
        call((e) => e.createGroup(group, suite, policy, now())),
      ),
    commit: (group, plan) =>
      call((e) =>
        e.commit(group, [...plan.addKeyPackages], Uint32Array.from(plan.removeLeaves), plan.policy, plan.aad, now()),
      ),
    mergePending: (group) =>
      views.keep(
        group,
        call((e) => e.mergePending(group)),
      ),
    clearPending: (group) => call((e) => e.clearPending(group)),
    hasPending: (group) => call((e) => e.hasPending(group)),

    encrypt: (group, aad, plaintext) => call((e) => e.encrypt(group, aad, plaintext)),
    open: (group, message, at) => call((e) => e.open(group, message, at ?? now())),
    mergeStaged: (group, staged) =>
      views.keep(
        group,
        call((e) => e.mergeStaged(group, staged)),
      ),
    discardStaged: (group, staged) => call((e) => e.discardStaged(group, staged)),

    stageWelcome: (welcome) => call((e) => e.stageWelcome(welcome)),
    acceptJoin(staged) {
      const view = call((e) => e.acceptJoin(staged))
      return views.keep(view.group, view)
    },
    discardJoin: (staged) => call((e) => e.discardJoin(staged)),
    welcomeRefs: (welcome) => call((e) => e.welcomeRefs(welcome)),

    joinExternal: (groupInfo, aad) => call((e) => e.joinExternal(groupInfo, aad, now())),
    replaceByScratch: (group) =>
      views.keep(
        group,
        call((e) => e.replaceByScratch(group)),
      ),
    dropScratch: (group) => call((e) => e.dropScratch(group)),
    inspectGroupInfo: (groupInfo) => call((e) => e.inspectGroupInfo(groupInfo)),

    view: (group) =>
      views.get(group) ??
      views.keep(
        group,
        call((e) => e.view(group)),
      ),
    groupInfo: (group) => call((e) => e.groupInfo(group)),
    exportSecret: (group, label, context, length) => call((e) => e.exportSecret(group, label, context, length)),
    ownGeneration: (group) => call((e) => e.ownGeneration(group)),
    deleteGroup(group) {
      views.forget(group)
      call((e) => e.deleteGroup(group))
    },

    takeChanges: () => call((e) => e.takeChanges()),
    reload(group) {
      views.forgetAll()
      restart()
      call((e) => e.reload(group))
    },
    reloadAll() {
      views.forgetAll()
      restart()
      call((e) => e.reloadAll())
    },
    get loadedBytes() {
      return call((e) => e.loadedBytes)
    },
  }
}
