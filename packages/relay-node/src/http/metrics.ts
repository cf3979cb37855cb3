import type { Relay, RelayObserver, RelayStore } from '@quintet/relay'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

export interface Metrics {
  readonly observer: RelayObserver
  /** Makes the gauges, once there is a relay to ask. */
  watch(relay: Relay, store: RelayStore): void
  text(): Promise<string>
}

/** Counts and durations: no ids, handles or addresses, not even as labels. */
export function relayMetrics(onFault: (what: string, error: unknown) => void): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const events = new Counter({
    name: 'quintet_relay_events_total',
    help: 'What happened, by kind.',
    labelNames: ['what'],
    registers,
  })
  const requests = new Histogram({
    name: 'quintet_relay_request_seconds',
    help: 'How long until a request was answered, by call and outcome.',
    labelNames: ['call', 'outcome'],
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3],
    registers,
  })
  return {
    observer: {
      count: (what, by = 1) => events.inc({ what }, by),
      answered: (call, outcome, ms) => requests.observe({ call, outcome }, ms / 1000),
      fault(what, error) {
        events.inc({ what: 'faults' })
        onFault(what, error)
      },
    },
    watch(relay, store) {
      const gauge = (name: string, help: string, read: () => number | Promise<number>): void => {
        new Gauge({
          name: `quintet_relay_${name}`,
          help,
          registers,
          async collect() {
            this.set(await read())
          },
        })
      }
      gauge('connections', 'Open connections.', () => relay.numbers().connections)
      gauge('devices_connected', 'Devices signed in.', () => relay.numbers().devices)
      gauge('chats_loaded', 'Chats in memory.', () => relay.numbers().chatsLoaded)
      gauge('accounts', 'Accounts.', async () => (await store.accounts.count()).accounts)
      gauge('entries_waiting', 'Entries kept.', async () => (await store.chats.count()).entries)
      gauge('resident_bytes', 'Memory of the process.', () => process.memoryUsage.rss())
    },
    text: () => registry.metrics(),
  }
}
