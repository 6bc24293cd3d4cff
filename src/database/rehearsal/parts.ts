import type { CheckpointId } from '../../domain/checkpoint.ts'
import type { CommandRunner } from '../../ports/command-runner.ts'
import type { Connection } from '../postgres/connection.ts'
import type { FreeSpace } from '../postgres/free-space.ts'
import type { Sql } from '../postgres/session.ts'

export interface TrialParts {
  service: string
  /** Of the live database, as the service connects. */
  url: string
  /** Of a role that may create databases; null: the service's own. */
  adminUrl: string | null
  /** The service connects through a PgBouncer, which knows nothing of a copy: then the copy is reached as adminUrl is. */
  pooled: boolean
  /** Of a checkpoint. */
  folderOf(id: CheckpointId): string
  jobs: number
  runner: CommandRunner
  /** For PATH. */
  env: Readonly<Record<string, string | undefined>>
  crash(point: string): void
  /** Asked of the server unless given; null: nobody knows. */
  freeSpace?: (sql: Sql) => Promise<FreeSpace | null>
}

export interface RehearsalParts extends TrialParts {
  /** On the live database, as who may create others. */
  connection: Connection
  /** The live database, as the service connects. */
  live: Connection
}
