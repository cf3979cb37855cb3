/**
 * Where the relay's socket is: `http(s)://host:port` becomes `ws(s)://host:port/v1/socket`.
 *
 * Undefined for what is no http, https, ws or wss address.
 */
export function socketUrl(relay: string): string | undefined {
  const parts = /^(http|ws)(s?):\/\/([^/?#\s]+)(\/[^?#\s]*)?$/.exec(relay.trim())
  if (parts === null) return undefined
  const [, , secure = '', host = '', path = ''] = parts
  return `ws${secure}://${host}${path.replace(/\/+$/, '')}/v1/socket`
}

/** The relay's origin as an offer names it: scheme, host and port; undefined for what is no address of a relay. */
export function relayOrigin(relay: string): string | undefined {
  const url = socketUrl(relay)
  return url === undefined ? undefined : /^ws(s?:\/\/[^/]+)/.exec(url)?.[1]?.replace(/^/, 'http')
}
