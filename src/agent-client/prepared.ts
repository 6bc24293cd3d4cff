import type { ReleaseId } from '../domain/release.ts'
import type { Clock } from '../ports/clock.ts'
import { type Agent, listAgents } from './agent-client.ts'

/** One that died is started again by whatever runs it; what the others have begun is worth waiting for it. */
const RESTART_PATIENCE_MS = 3_000
const POLL_MS = 20

/** It takes traffic. */
export function listens({ status }: Agent): boolean {
  return status?.state === 'listening'
}

/** It takes traffic, or would at once. */
export function isUsable({ status }: Agent): boolean {
  return status?.state === 'holding' || status?.state === 'listening'
}

/** It can be told to take traffic, whatever it was it did last; a drained one can listen again. */
export function canServe({ status }: Agent): boolean {
  return status !== null && status.state !== 'booting'
}

/** Whether enough instances of the release are there to take traffic. None at all is not waited for. */
export async function isPrepared(
  folder: string,
  clock: Clock,
  release: ReleaseId,
  wanted: number,
): Promise<boolean> {
  const deadline = clock.now() + RESTART_PATIENCE_MS
  for (;;) {
    const agents = await listAgents(folder, release)
    if (agents.filter(canServe).length >= wanted) return true
    if (agents.length === 0 || clock.now() >= deadline) return false
    await clock.sleep(POLL_MS)
  }
}
