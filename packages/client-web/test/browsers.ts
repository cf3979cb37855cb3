import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import puppeteer, { type Browser as Firefox } from 'puppeteer-core'

/** The path, if the browser is there; else how to get it. */
function browserAt(executablePath: string, debian: string): { readonly executablePath: string } {
  if (existsSync(executablePath)) return { executablePath }
  throw new Error(
    `${executablePath} is missing: RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${debian}`,
  )
}

export function startChromium(): Promise<Browser> {
  return chromium.launch({
    ...browserAt('/usr/bin/chromium', 'chromium'),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  })
}

/** With a profile of its own, empty. */
export function startFirefox(): Promise<Firefox> {
  return puppeteer.launch({ browser: 'firefox', ...browserAt('/usr/bin/firefox-esr', 'firefox-esr') })
}
