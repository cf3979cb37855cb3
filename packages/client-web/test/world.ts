import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRelay } from '@quintet/relay-node'
import type { BrowserContext } from 'playwright-core'
import { serveApp } from './app-server.ts'
import { startChromium } from './browsers.ts'
import { type Terminal, terminal } from './cli.ts'
import { newTab, type Tab } from './tab.ts'

/** A relay, a page on another origin, and Chromium. */
export interface World extends AsyncDisposable {
  readonly relay: string
  /** A browser of somebody's own: what one stores, no other sees. */
  browser(): Promise<BrowserContext>
  tab(browser: BrowserContext): Promise<Tab>
  /** A folder that is there as long as the world. */
  folder(name: string): string
  /** Somebody at a terminal, with a profile of that name. */
  terminal(name: string): Terminal
}

export async function createWorld(): Promise<World> {
  await using undo = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'quintet-web-'))
  undo.defer(() => rmSync(folder, { recursive: true, force: true }))
  const [relay, app, chromium] = await Promise.all([
    startRelay({ dataDir: join(folder, 'relay') }),
    serveApp(),
    startChromium(),
  ])
  undo.defer(() => relay.close())
  undo.defer(() => app.close())
  undo.defer(() => chromium.close())
  const all = undo.move()
  return {
    relay: relay.url,
    browser: () => chromium.newContext(),
    tab: (browser) => newTab(browser, app.origin),
    folder: (name) => join(folder, name),
    terminal: (name) => terminal(join(folder, name), relay.url),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
