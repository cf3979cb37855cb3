import type { Relay, RelayStore } from '@quintet/relay'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { WebSocketServer } from 'ws'
import type { OwnerPolicy } from '@quintet/relay'
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
}

/** Health, metrics, one page, and the socket. */
export function httpServer({ relay, store, metrics, policy, version }: HttpServerOptions): FastifyInstance {
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
    if (!isLoopback(request) && !policy().metricsFromAnywhere) return reply.code(404).send()
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
    if (new URL(request.url ?? '/', 'http://relay').pathname !== socketPath) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (ws) => attachSocket(relay, ws, request.socket.remoteAddress ?? ''))
  })
  app.addHook('onClose', async () => {
    stopHeartbeat()
    for (const ws of sockets.clients) ws.terminate()
    sockets.close()
  })
  return app
}

function isLoopback(request: FastifyRequest): boolean {
  return ['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(request.socket.remoteAddress ?? '')
}
