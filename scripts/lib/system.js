import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Refusal } from './fail.js'
import { run } from './run.js'

/** Debian package → the programs, any of which serves. */
const needed = {
  chromium: ['chromium', 'chromium-browser', 'google-chrome'],
  'firefox-esr': ['firefox-esr', 'firefox'],
}

function isOnPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

export const missingPackages = (has = isOnPath) =>
  Object.keys(needed).filter((name) => !needed[name].some((program) => has(program)))

/** Puts the browsers there that the tests drive. Never skips: without them it says what to type. */
export async function ensureBrowsers() {
  const missing = missingPackages()
  if (missing.length === 0) return
  const install = `apt-get install -y --no-install-recommends ${missing.join(' ')}`
  if (!existsSync('/usr/bin/apt-get')) {
    throw new Refusal(
      `The tests drive browsers and these are missing: ${missing.join(', ')}. Install them, then try again.`,
    )
  }
  if (process.getuid?.() !== 0) {
    throw new Refusal(`The tests drive browsers. Run this, then try again:\n  sudo apt-get update && sudo ${install}`)
  }
  console.error(`Installing ${missing.join(' and ')} …`)
  const env = { RUNLEVEL: '1', DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update'], { env })
  const { code, output } = await run('apt-get', install.split(' ').slice(1), { env })
  if (code === 0) return
  const reason = output.trim().split('\n').slice(-8).join('\n')
  throw new Refusal(
    `${reason}\nThe browsers could not be installed. Check the network, then try again, or run: ${install}`,
  )
}
