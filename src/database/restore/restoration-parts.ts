import type { Checkpoint } from '../../domain/checkpoint.ts'
import type { DatabaseConfiguration } from '../../domain/configuration.ts'
import type { Clock } from '../../ports/clock.ts'
import { findPlaces, type Places } from '../postgres/places.ts'
import type { Sql } from '../postgres/session.ts'

export interface RestorationParts {
  database: Pick<DatabaseConfiguration, 'url' | 'adminUrl' | 'pgbouncer' | 'keepDamagedMs'>
  clock: Clock
  crash(point: string): void
  /** Makes a new database of this name from the checkpoint; tells when it exists and is still empty. */
  restoreInto(
    checkpoint: Checkpoint,
    database: string,
    options: { signal: AbortSignal; onCreated: () => Promise<void> },
  ): Promise<unknown>
  /** Of the server's disk, null when nobody knows; asked of the server and the file system unless given. */
  freeSpace?(sql: Sql): Promise<{ path: string; bytes: number } | null>
  patience?: Partial<Patience>
}

export interface Patience {
  /** For connections to end, while nobody can connect. */
  swapMs: number
  /** For PgBouncer's clients to end their transactions, while all others wait. */
  pauseMs: number
}

/** What every operation works with. */
export interface Workplace {
  places: Places
  clock: Clock
  crash(point: string): void
  pgbouncerUrl: string | null
  keepMs: number
  patience: Patience
}

export function prepareWorkplace({ database, clock, crash, patience }: RestorationParts): Workplace {
  return {
    places: findPlaces(database),
    clock,
    crash,
    pgbouncerUrl: database.pgbouncer?.adminUrl ?? null,
    keepMs: database.keepDamagedMs,
    patience: { swapMs: 3000, pauseMs: 5000, ...patience },
  }
}
