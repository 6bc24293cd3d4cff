import type { Reading } from '../domain/reading.ts'
import { describeSource } from '../domain/signal-source.ts'
import type { Clock } from '../ports/clock.ts'
import type { Signals } from '../ports/signals.ts'
import { type Agent, type AgentStatus, listAgents } from './agent-client.ts'

/** A process that takes longer is busy, and the next look comes soon. */
const LONGEST_WAIT_MS = 1_000

export interface AgentSignalsParts {
  /** Of the agents' sockets. */
  folder: string
  timeoutMs: number
  clock: Pick<Clock, 'now'>
}

/** The agents' own counters: no server in between, and they know of the requests that are still open. */
export function createAgentSignals({ folder, timeoutMs, clock }: AgentSignalsParts): Signals {
  return {
    source: describeSource({ from: 'agent', url: null, path: '' }),
    async read() {
      const agents = await listAgents(folder, undefined, Math.min(timeoutMs, LONGEST_WAIT_MS))
      const at = clock.now()
      const readings = agents.map((agent) => readingOf(agent, at))
      const problems =
        agents.length === 0 ? ['no instance has an agent: nothing runs, or it runs without'] : []
      return { ok: true, readings, problems }
    },
  }
}

function readingOf({ socket, status }: Agent, at: number): Reading {
  return {
    instance: socket.container ?? String(socket.pid),
    release: socket.release,
    at,
    startedAt: status?.startedAt ?? null,
    answered: status !== null,
    ...(status === null ? NOTHING : countersOf(status)),
    sessions: null,
  }
}

const NOTHING = {
  requests: 0,
  errors: 0,
  latency: null,
  waiting: null,
  abandoned: null,
  rss: null,
  connections: null,
}

/** Whether the numbers are any is for whoever counts them to say: see domain/readings. */
function countersOf({
  counters,
  latency,
  rss,
  connections,
}: AgentStatus): Omit<Reading, 'instance' | 'release' | 'at' | 'startedAt' | 'answered' | 'sessions'> {
  const { requests = Number.NaN, aborted = 0, '5xx': errors = Number.NaN } = counters ?? {}
  const { le = [], count, waiting, abandoned } = latency ?? {}
  const inBuckets = (counts: number[] | undefined) => (counts === undefined ? null : { le, count: counts })
  return {
    requests: requests - aborted,
    errors,
    latency: inBuckets(count),
    waiting: inBuckets(waiting),
    abandoned: inBuckets(abandoned),
    rss: rss ?? null,
    connections: connections ?? null,
  }
}
