import type { Instance } from '../domain/instance.ts'
import type { Agent } from './agent-client.ts'

/** What an agent says of its process; the runtime knows how it is called there. */
export function instanceOf(
  { socket, status }: Agent,
  named: Pick<Instance, 'id' | 'unit' | 'restarts'>,
): Instance {
  return {
    ...named,
    release: socket.release,
    // It is alive and too busy to say what it does: it may well be taking traffic.
    state: status?.state ?? 'running',
    seenBy: status === null ? 'agent does not answer' : 'agent',
    startedAt: status?.startedAt ?? null,
    traffic:
      status === null
        ? null
        : {
            requests: status.counters.requests ?? 0,
            serverErrors: status.counters['5xx'] ?? 0,
            inFlight: status.inFlight,
            connections: status.connections,
          },
  }
}
