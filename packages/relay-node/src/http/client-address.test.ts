import { expect, test } from 'vitest'
import { clientAddress, noProxy, parseTrustedProxies } from './client-address.ts'

const trusting = (text: string) => parseTrustedProxies(text) ?? expect.unreachable('the list parses')
const loopback = trusting('loopback')

test.each([
  ['nobody is trusted: the connection counts, whatever it says', noProxy, '127.0.0.1', '203.0.113.9', '127.0.0.1'],
  ['the proxy is trusted: its visitor counts', loopback, '127.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['over IPv6 too', loopback, '::1', '2001:db8::7', '2001:db8::7'],
  ['IPv4 in IPv6’s clothes is IPv4', loopback, '::ffff:127.0.0.1', '::ffff:203.0.113.9', '203.0.113.9'],
  ['what the visitor claims itself is ignored', loopback, '127.0.0.1', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
  [
    'a chain of proxies is followed',
    trusting('loopback,10.0.0.0/8'),
    '127.0.0.1',
    '203.0.113.9, 10.1.2.3',
    '203.0.113.9',
  ],
  ['ports and brackets are left out', loopback, '127.0.0.1', '[2001:db8::7]:4711', '2001:db8::7'],
  ['and of IPv4', loopback, '127.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
  ['a proxy that says nothing counts itself', loopback, '127.0.0.1', undefined, '127.0.0.1'],
  ['nonsense counts as the proxy', loopback, '127.0.0.1', 'unknown', '127.0.0.1'],
  ['somebody else’s header is ignored', loopback, '203.0.113.9', '198.51.100.1', '203.0.113.9'],
  ['a proxy by its address', trusting('192.0.2.1, 2001:db8::1'), '2001:db8::1', '203.0.113.9', '203.0.113.9'],
])('%s', (_, trusted, remote, header, expected) => {
  expect(clientAddress(remote, header, trusted)).toBe(expected)
})

test.each(['', 'everyone', '10.0.0.0/33', '10.0.0.0/8/8', '10.0.0/8', 'loopback,', '::1/129', '10.0.0.0/'])(
  '“%s” is no list of proxies',
  (text) => {
    expect(parseTrustedProxies(text)).toBeUndefined()
  },
)
