import { OperatorError } from '../errors/operator-error.ts'
import type { Lease } from '../ports/journal.ts'
import { keepLease } from './keep-lease.ts'
import type { CommandInput, Session } from './session.ts'

/** Short, because whoever begins a killed watcher again waits for it; beaten often, so that a busy moment does not lose it. */
const LEASE_MS = 6_000
const HEARTBEAT_MS = 1_000

/** One watcher a service. It is another lease than that of runs: a watcher never stands in the way of a rollback. */
export const watchLeaseName = (service: string): string => `${service}/watch`

/** The signal fires on Ctrl-C, and when the lease is lost. */
export async function underWatchLease<T>(
  input: Pick<CommandInput, 'world' | 'screen'>,
  session: Session,
  work: (lease: Lease, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController()
  const stopListening = input.world.onInterrupt(() => abort.abort())
  const lease = await take(input, session, abort.signal)
  const beat = { leaseMs: LEASE_MS, everyMs: HEARTBEAT_MS, lost: 'WATCH_LOST' } as const
  const stopBeating = keepLease(session, lease, beat, abort)
  try {
    return await work(lease, abort.signal)
  } finally {
    stopBeating()
    await session.journal.release(lease).finally(stopListening)
  }
}

/** One that was killed leaves its lease to expire; one that is alive keeps beating, and then there is a watcher already. */
async function take(
  { screen }: Pick<CommandInput, 'screen'>,
  session: Session,
  signal: AbortSignal,
): Promise<Lease> {
  const { journal, clock, service, actor } = session
  const name = watchLeaseName(service)
  let lastBeat: string | null = null
  for (;;) {
    const taken = await journal.acquire(name, `${actor} (pid ${process.pid})`, 'watch', LEASE_MS)
    if (taken.ok) return taken.lease
    const { holder, since, heartbeatAt, expiresAt } = taken.heldBy
    if (lastBeat === null)
      screen.line(`Waiting for the watcher before this one (${holder}) to be gone.`, 'dim')
    lastBeat ??= heartbeatAt
    if (heartbeatAt !== lastBeat || signal.aborted)
      throw new OperatorError('WATCHED_ALREADY', { holder, service, since })
    const leftMs = Date.parse(expiresAt) - clock.now()
    await clock.sleep(Math.max(10, Math.min(HEARTBEAT_MS / 2, leftMs + 20)), signal)
  }
}
