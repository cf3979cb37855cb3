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
