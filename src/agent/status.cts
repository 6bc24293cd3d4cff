import type { Server } from 'node:net'
import type { CountersModule } from './counters.cts'
import type { LatencyModule } from './latency.cts'
import type { Agent } from './state.cts'

const { ageOfOldest, waitingByAge }: CountersModule = require('./counters.cjs')
const { le }: LatencyModule = require('./latency.cjs')

const countConnections = (server: Server) =>
  new Promise<number>((resolve) => server.getConnections((error, count) => resolve(error ? 0 : count)))

async function allConnections(agent: Agent): Promise<number> {
  const counts = await Promise.all([...agent.servers].map(({ server }) => countConnections(server)))
  return counts.reduce((sum, count) => sum + count, 0)
}

function readCounters({ aborted, answered }: Agent) {
  const [, informed = 0, ok = 0, redirected = 0, refused = 0, failed = 0] = answered
  return {
    requests: answered.reduce((sum, count) => sum + count, aborted),
    ...{ '1xx': informed, '2xx': ok, '3xx': redirected, '4xx': refused, '5xx': failed },
    aborted,
  }
}

/** What `GET /status` answers. Times in ms, memory in bytes; requests count when they are finished. */
async function readStatus(agent: Agent) {
  const connections = await allConnections(agent)
  const { heapUsed, rss } = process.memoryUsage()
  // From here on nothing is waited for: a request is in one of the three lists of latency, and in no other.
  return {
    protocol: 1,
    release: agent.settings.release,
    pid: process.pid,
    startedAt: agent.startedAt,
    state: agent.state,
    since: agent.since,
    ports: [...agent.servers].map(({ options }) => options.port),
    connections,
    inFlight: agent.inFlight,
    oldestMs: ageOfOldest(agent),
    forwarded: agent.forwarded,
    counters: readCounters(agent),
    latency: {
      le,
      count: [...agent.latency],
      waiting: waitingByAge(agent),
      abandoned: [...agent.abandoned],
    },
    heapUsed,
    rss,
    error: agent.error,
  }
}

const status = { readStatus }
export type StatusModule = typeof status
module.exports = status
