/** Browsers by a word in what they call themselves, the ones that also claim to be others first. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?\/|\bEdgiOS\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bCriOS\//, 'Chrome'],
  [/Chrome\/|\bChromium\//, 'Chromium'],
  [/\bSafari\//, 'Safari'],
]

const systems: readonly (readonly [RegExp, string])[] = [
  [/\bAndroid\b/, 'Android'],
  [/\biPhone\b/, 'iOS'],
  [/\biPad\b/, 'iPadOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]

/** "Chromium on Linux": what the approver of this device is shown. `userAgent` is the browser's own account of itself. */
export function platformName(userAgent: string): string {
  const found = (list: typeof browsers) => list.find(([word]) => word.test(userAgent))?.[1]
  const system = found(systems)
  return `${found(browsers) ?? 'A browser'}${system === undefined ? '' : ` on ${system}`}`
}
