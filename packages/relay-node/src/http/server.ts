import type { Relay, RelayStore } from '@quintet/relay'
import Fastify, { type FastifyInstance } from 'fastify'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { OwnerPolicy } from '@quintet/relay'
import { clientAddress, type TrustedProxies } from './client-address.ts'
import { limitConnections, noSocket, patience, tooOften } from './door.ts'
import type { Metrics } from './metrics.ts'
import { homePage } from './page.ts'
import { attachSocket, startHeartbeat } from './socket.ts'

const socketPath = '/v1/socket'

export interface HttpServerOptions {
  readonly relay: Relay
  readonly store: RelayStore
  readonly metrics: Metrics
  readonly policy: () => OwnerPolicy
  readonly version: string
  readonly trustedProxies: TrustedProxies
}

/** Health, metrics, one page, and the socket. */
export function httpServer({
  relay,
  store,
  metrics,
  policy,
  version,
  trustedProxies,
}: HttpServerOptions): FastifyInstance {
  const http = patience(policy())
  const { requestTimeout } = http
  const app = Fastify({ forceCloseConnections: true, bodyLimit: 64 * 1024, logger: false, http, requestTimeout })
  limitConnections(app.server, policy, { trusted: trustedProxies, isDeaf: (address) => relay.isDeaf(address) })
  app.addHook('onRequest', async (request, reply) => {
    const wait = relay.knock(addressOf(request.raw, trustedProxies))
    return wait === undefined ? undefined : tooOften(reply, wait)
  })
  app.get('/health', async (_request, reply) => {
    try {
      await store.settings.get('incarnation')
      return { ok: true, version, connections: relay.numbers().connections }
    } catch {
      return reply.code(503).send({ ok: false, version })
    }
  })
  app.get('/metrics', async (request, reply) => {
    if (!isLocal(request.raw, trustedProxies) && !policy().metricsFromAnywhere) return reply.code(404).send()
    return reply.type('text/plain; version=0.0.4').send(await metrics.text())
  })
  app.get('/', async (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', `default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'`)
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .send(homePage(policy().signUp)),
  )
  const { maxFrameBytes: maxPayload } = policy()
  const webSockets = { noServer: true, perMessageDeflate: false, maxPayload, closeTimeout: 10_000 }
  const sockets = new WebSocketServer(webSockets)
  const stopHeartbeat = startHeartbeat(sockets, policy)
  app.server.on('upgrade', (request, socket, head) => {
    socket.on('error', endSocket)
    // Compared as it stands: what a stranger asks for need not be an address, and what throws here ends the relay.
    if (request.url?.split('?')[0] !== socketPath) {
      socket.end(noSocket('404 Not Found'), () => socket.destroy())
      return
    }
    const address = addressOf(request, trustedProxies)
    const wait = relay.knock(address)
    if (wait !== undefined) {
      // Without the end from here it would stand half open for as long as the other side likes.
      socket.end(noSocket('429 Too Many Requests', wait), () => socket.destroy())
      return
    }
    sockets.handleUpgrade(request, socket, head, (ws) => attachSocket(relay, ws, socket, address))
  })
  app.addHook('onClose', async () => {
    stopHeartbeat()
    for (const ws of sockets.clients) ws.terminate()
    sockets.close()
  })
  return app
}

/** Apart from where the socket comes from: a function made there would keep the request as long as the socket lives. */
function endSocket(this: Duplex): void {
  this.destroy()
}

function addressOf(request: IncomingMessage, trusted: TrustedProxies): string {
  const header = request.headers['x-forwarded-for']
  const forwardedFor = Array.isArray(header) ? header.join(',') : header
  return clientAddress(request.socket.remoteAddress ?? '', forwardedFor, trusted)
}

/** Somebody on this machine. What a proxy passes on is not, even where the proxy is not one to trust. */
function isLocal(request: IncomingMessage, trusted: TrustedProxies): boolean {
  const address = addressOf(request, trusted)
  const { 'x-forwarded-for': forwardedFor, forwarded } = request.headers
  const passedOn = forwardedFor !== undefined || forwarded !== undefined
  return ['127.0.0.1', '::1'].includes(address) && !passedOn
}
