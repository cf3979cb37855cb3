import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium } from 'playwright-core'
import puppeteer, { type Browser as Firefox } from 'puppeteer-core'
import { expect } from 'vitest'

function must<T>(value: T | null | undefined, invariant: string): T {
  return value ?? expect.fail(invariant)
}

/** The path, if the browser is there; else how to get it. */
function browserAt(executablePath: string, debian: string): { readonly executablePath: string } {
  if (existsSync(executablePath)) return { executablePath }
  throw new Error(
    `${executablePath} is missing: RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${debian}`,
  )
}

const chromiumOptions = () => ({
  ...browserAt('/usr/bin/chromium', 'chromium'),
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
})

export function startChromium(): Promise<Browser> {
  return chromium.launch(chromiumOptions())
}

/** A Chromium that keeps what it stores in `folder`, as a person's does. */
export async function startChromiumIn(
  folder: string,
): Promise<{ readonly context: BrowserContext; kill(): Promise<void> }> {
  const context = await chromium.launchPersistentContext(folder, chromiumOptions())
  const browser = must(context.browser(), 'a context of its own has a browser')
  const devtools = await browser.newBrowserCDPSession()
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo')
  const pid = must(processInfo.find(({ type }) => type === 'browser')?.id, 'a browser has a process')
  return {
    context,
    /** As a power cut would end it, or a person out of patience. */
    async kill() {
      const closed = new Promise((done) => context.once('close', done))
      process.kill(pid, 'SIGKILL')
      await closed
    },
  }
}

/** With a profile of its own, empty. */
export function startFirefox(): Promise<Firefox> {
  return puppeteer.launch({ browser: 'firefox', ...browserAt('/usr/bin/firefox-esr', 'firefox-esr') })
}
