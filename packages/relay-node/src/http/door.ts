import type { Server } from 'node:http'
import type { OwnerPolicy } from '@quintet/relay'
import type { FastifyReply } from 'fastify'
import { clientAddress, type TrustedProxies } from './client-address.ts'

/** How long what begins at the door may take, for Node's HTTP server. */
export function patience({ slowRequestMs }: OwnerPolicy) {
  return {
    headersTimeout: slowRequestMs,
    requestTimeout: slowRequestMs,
    connectionsCheckingInterval: Math.ceil(slowRequestMs / 4),
  }
}

/**
 * Takes no more connections of one address than twice what it may have as sockets: up to there each is told why it is
 * refused, beyond it is closed unheard, and so is whoever was told often enough. A trusted proxy brings many, which are
 * counted by what it says of them.
 */
export function limitConnections(
  server: Server,
  policy: () => OwnerPolicy,
  { trusted, isDeaf }: { readonly trusted: TrustedProxies; readonly isDeaf: (address: string) => boolean },
): void {
  const counts = new Map<string, number>()
  server.on('connection', (socket) => {
    const address = clientAddress(socket.remoteAddress ?? '', undefined, trusted)
    if (trusted(address)) return
    const there = (counts.get(address) ?? 0) + 1
    if (there > 2 * policy().connectionsPerAddress || isDeaf(address)) {
      socket.destroy()
      return
    }
    counts.set(address, there)
    socket.once('close', () => {
      const left = (counts.get(address) ?? 1) - 1
      if (left > 0) counts.set(address, left)
      else counts.delete(address)
    })
  })
}

const retryAfterS = (waitMs: number): number => Math.ceil(waitMs / 1000)

export function tooOften(reply: FastifyReply, waitMs: number): FastifyReply {
  return reply
    .code(429)
    .header('retry-after', retryAfterS(waitMs))
    .header('connection', 'close')
    .send({ ok: false, error: 'rate-limited' })
}

/** An answer to who wanted a socket, for the bare connection. */
export function noSocket(status: '404 Not Found' | '429 Too Many Requests', waitMs?: number): string {
  const wait = waitMs === undefined ? '' : `Retry-After: ${retryAfterS(waitMs)}\r\n`
  return `HTTP/1.1 ${status}\r\n${wait}Connection: close\r\nContent-Length: 0\r\n\r\n`
}
