import { join } from 'node:path'
import type { Engine } from '../../docker/engine.ts'
import type { Haproxy } from '../../docker/haproxy.ts'
import type { ReleaseId } from '../../domain/release.ts'
import type { Clock } from '../../ports/clock.ts'

/** What every operation of the driver works with. */
export interface SwarmContext {
  /** A manager's. */
  engine: Engine
  /** Name of the service in lastgood. */
  service: string
  home: string
  /** Name of the service in the swarm. */
  name: string
  logFolder: string
  clock: Clock
  /** Called inside the switch, between what it does; see executor/crash-points. */
  crash: (point: string) => void
  /** What brings requests to the tasks, where it can be told which of them leave. */
  router: Haproxy | null
  /** What served before lastgood came, and has not been replaced yet. */
  adopted: { release: ReleaseId; unit: string } | null
}

export const POLL_MS = 100
/**
 * One that is replaced is not told to end, or one more runs than was asked for: the swarm waits for a task that was on a node
 * which is lost, has begun another for it, and does not look at that before it is reminded.
 */
export const FORGOTTEN_MS = 10_000

export function logPath({ logFolder, name }: SwarmContext, release: ReleaseId): string {
  return join(logFolder, `${name}-${release}.log`)
}
