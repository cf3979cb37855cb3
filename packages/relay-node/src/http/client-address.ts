import { BlockList, isIP } from 'node:net'

/** Which connections come from a proxy whose word about its visitors counts. */
export type TrustedProxies = (address: string) => boolean

/** Without a proxy: whatever a visitor says of its address is ignored. */
export const noProxy: TrustedProxies = () => false

/** Addresses, ranges such as 10.0.0.0/8, and `loopback`, with commas between; undefined for anything else. */
export function parseTrustedProxies(text: string): TrustedProxies | undefined {
  const list = new BlockList()
  for (const item of text.split(',').map((part) => part.trim())) {
    if (item === 'loopback') {
      list.addSubnet('127.0.0.0', 8, 'ipv4')
      list.addAddress('::1', 'ipv6')
    } else if (!addRange(list, item)) return undefined
  }
  return (address) => {
    const family = familyOf(address)
    return family !== undefined && list.check(address, family)
  }
}

function addRange(list: BlockList, text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const family = familyOf(address)
  if (family === undefined || more.length > 0) return false
  if (bits === undefined) {
    list.addAddress(address, family)
    return true
  }
  const most = family === 'ipv4' ? 32 : 128
  if (!/^[0-9]{1,3}$/.test(bits) || Number(bits) > most) return false
  list.addSubnet(address, Number(bits), family)
  return true
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address)
  return version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : undefined
}

/**
 * The address that limits count by. From the connection's own address back through X-Forwarded-For, as long as each
 * hop is a trusted proxy: the first that is not is the visitor, and what it claims of others is ignored.
 */
export function clientAddress(remote: string, forwardedFor: string | undefined, trusted: TrustedProxies): string {
  let address = plain(remote)
  const hops = forwardedFor === undefined ? [] : forwardedFor.split(',').reverse()
  for (const hop of hops) {
    if (!trusted(address)) return address
    const before = plain(hop.trim())
    if (isIP(before) === 0) return address
    address = before
  }
  return address
}

/** Without port, brackets, quotes, and as IPv4 where it is that in IPv6's clothes. */
function plain(text: string): string {
  const bare = text.replace(/^"|"$/g, '')
  const host = /^\[([^\]]+)\](?::[0-9]+)?$/.exec(bare)?.[1] ?? /^([0-9.]+):[0-9]+$/.exec(bare)?.[1] ?? bare
  return /^::ffff:([0-9.]+)$/i.exec(host)?.[1] ?? host
}
