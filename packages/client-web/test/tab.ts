import type { BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'

/** What the page of `browser/page.ts` made of a request. */
type Outcome = { readonly value: unknown } | { readonly code: string; readonly sentence: string }

/** A tab with the page in it. */
export interface Tab {
  readonly page: Page
  /** Opens the profile; answers the code it was refused with. */
  open(relay?: string, waitMs?: number): Promise<Outcome>
  /** Calls a method of the client, which must end well. */
  ask<T>(method: string, ...args: readonly unknown[]): Promise<T>
  /** Calls it, however it ends. */
  try(method: string, ...args: readonly unknown[]): Promise<Outcome>
  /** As `ask`, for a call that is to be refused. */
  refused(method: string, ...args: readonly unknown[]): Promise<string>
  /** Resolves when the client has told, or tells, an event that has all of `part` in it. */
  hears(part: Readonly<Record<string, unknown>>): Promise<void>
  /** What the console or the security policy complained about. */
  readonly complaints: readonly string[]
}

function parseOutcome(value: unknown): Outcome {
  return value as Outcome
}

export async function newTab(context: BrowserContext, origin: string): Promise<Tab> {
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  const run = async (script: string) => parseOutcome(await page.evaluate(script))
  const call = (method: string, args: readonly unknown[]) =>
    run(`story.call(${[method, ...args].map((arg) => JSON.stringify(arg) ?? 'undefined').join(', ')})`)
  await page.goto(origin)
  return {
    page,
    complaints,
    open: (relay, waitMs = 5_000) => run(`story.open(${JSON.stringify(relay) ?? 'undefined'}, ${waitMs})`),
    try: (method, ...args) => call(method, args),
    async ask<T>(method: string, ...args: readonly unknown[]) {
      const outcome = await call(method, args)
      if ('code' in outcome) expect.fail(`${method} was refused: ${outcome.code} ${outcome.sentence}`)
      return outcome.value as T
    },
    async refused(method, ...args) {
      const outcome = await call(method, args)
      return 'code' in outcome ? outcome.code : expect.fail(`${method} was not refused`)
    },
    async hears(part) {
      await page.evaluate(`story.hears(${JSON.stringify(part)})`)
    },
  }
}
