import type { ReleaseId } from '../domain/release.ts'
import type { Clock } from '../ports/clock.ts'
import { type Agent, drainAgent, listAgents } from './agent-client.ts'
import { listSockets, setHold } from './run-folder.ts'

/** How often the others are looked at again after a drain: one of them may be restarted at this very moment. */
const DRAIN_ROUNDS = 3
/** A kept connection on which nothing was sent for so long is waiting for its client's timeout, not for us. */
const IDLE_MS = 5_000
const POLL_MS = 30

/**
 * Every process but those of this release lets go of its traffic.
 *
 * The markers first, so that whatever is started from here on is held. Then every process there is, without asking how it
 * is: one that holds stays as it is, and one that is stuck does not make the rest wait. Then again, because one may have
 * begun to listen just before its marker was there.
 * @param to private sockets that take what still comes; none: the processes answer it themselves, as the last on its connection
 */
export async function letGo(folder: string, release: ReleaseId, to: readonly string[] = []): Promise<void> {
  let others = (await listSockets(folder)).filter((socket) => socket.release !== release)
  for (const id of new Set(others.map((socket) => socket.release))) await setHold(folder, id)
  for (let round = 0; round < DRAIN_ROUNDS && others.length > 0; round++) {
    // One that does not answer is stuck or dying; it is stopped with the rest, and `verify` sees it until then.
    await Promise.all(others.map((socket) => drainAgent(socket, to)))
    others = (await listAgents(folder))
      .filter(({ socket, status }) => socket.release !== release && status?.state === 'listening')
      .map(({ socket }) => socket)
  }
}

/** True when every draining process has ended all it had begun; false at the deadline. */
export async function awaitDrained(
  folder: string,
  clock: Clock,
  keep: readonly ReleaseId[],
  timeoutMs: number,
): Promise<boolean> {
  const deadline = clock.now() + timeoutMs
  let activity = ''
  let quietSince = clock.now()
  for (;;) {
    const agents = await listAgents(folder)
    const draining = agents.filter((agent) => !keep.includes(agent.socket.release) && mayBeAtWork(agent))
    const now = clock.now()
    const seen = draining.map(({ status }) => `${status?.counters.requests} ${status?.forwarded}`).join()
    // One that does not answer is busy: perhaps with a request.
    const busy = draining.some(({ status }) => (status?.inFlight ?? 1) > 0)
    if (busy || seen !== activity) quietSince = now
    activity = seen
    if (draining.length === 0 || now - quietSince >= IDLE_MS) return true
    if (now >= deadline) return !busy
    await clock.sleep(POLL_MS)
  }
}

function mayBeAtWork({ status }: Agent): boolean {
  return status === null || status.state === 'draining'
}
