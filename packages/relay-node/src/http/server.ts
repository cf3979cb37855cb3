import type { Relay, RelayStore } from '@quintet/relay'
import Fastify, { type FastifyInstance } from 'fastify'
import type { IncomingMessage } from 'node:http'
import { WebSocketServer } from 'ws'
import type { OwnerPolicy } from '@quintet/relay'
import { clientAddress, type TrustedProxies } from './client-address.ts'
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
  const app = Fastify({ forceCloseConnections: true, bodyLimit: 64 * 1024, logger: false })
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
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: policy().maxFrameBytes })
  const stopHeartbeat = startHeartbeat(sockets, policy)
  app.server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    // Compared as it stands: what a stranger asks for need not be an address, and what throws here ends the relay.
    if (request.url?.split('?')[0] !== socketPath) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (ws) =>
      attachSocket(relay, ws, socket, addressOf(request, trustedProxies)),
    )
  })
  app.addHook('onClose', async () => {
    stopHeartbeat()
    for (const ws of sockets.clients) ws.terminate()
    sockets.close()
  })
  return app
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
