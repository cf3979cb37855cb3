/**
 * Entries of package-lock.json for platforms other than the one that wrote it.
 *
 * Where the registry lacks a tool's build for another platform, npm leaves its entry out and then refuses
 * `npm ci` because it is missing. An entry with name, version and platform is enough: it is never fetched here.
 */
const systems = ['android', 'darwin', 'freebsd', 'linux', 'win32', 'openharmony']
const processors = { armv7: 'arm', arm: 'arm', arm64: 'arm64', ia32: 'ia32', x64: 'x64', wasm32: 'wasm32' }
const rarer = { ppc64: 'ppc64', riscv64: 'riscv64', s390x: 's390x', loong64: 'loong64' }

function libcOf(words, os) {
  if (words.some((word) => word.includes('musl'))) return ['musl']
  return os === 'linux' && words.some((word) => word.startsWith('gnu')) ? ['glibc'] : undefined
}

/** `@biomejs/cli-linux-x64-musl` → what npm asks of a machine before it installs it; undefined = the name does not say. */
export function platformOf(name) {
  const words = name.split('/').at(-1).split('-')
  const os = words.find((word) => systems.includes(word))
  const cpu = words.map((word) => processors[word] ?? rarer[word]).find((found) => found !== undefined)
  if (cpu === undefined) return undefined
  const libc = libcOf(words, os)
  return { cpu: [cpu], ...(os && { os: [os] }), ...(libc && { libc }) }
}

/** What the lockfile's packages name as optional and the lockfile does not hold: path → entry. */
export function missingEntries(packages) {
  const missing = {}
  for (const [path, entry] of Object.entries(packages)) {
    if (path === '') continue
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (packages[`${path}/node_modules/${name}`] ?? packages[`node_modules/${name}`]) continue
      const platform = platformOf(name)
      if (platform === undefined || !/^\d/.test(version)) continue
      missing[`node_modules/${name}`] = { version, ...(entry.dev && { dev: true }), optional: true, ...platform }
    }
  }
  return missing
}
