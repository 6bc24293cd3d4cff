import type { CheckpointRule } from '../../domain/checkpoint-retention.ts'
import type { Clock } from '../../ports/clock.ts'
import type { CommandRunner } from '../../ports/command-runner.ts'
import type { FreeSpace } from '../postgres/free-space.ts'
import type { Sql } from '../postgres/session.ts'

export interface CheckpointParts {
  service: string
  /** Of the database: as the service connects. */
  url: string
  /** Of a role that may create databases; null: the service's own. */
  adminUrl: string | null
  /** Admin console of the PgBouncer in front of it; null: there is none. */
  pgbouncerUrl: string | null
  /** Where checkpoints are kept, a folder each. It is made when it is needed. */
  folder: string
  /** Processes that dump and restore side by side. */
  jobs: number
  rule: CheckpointRule
  /** For PATH. */
  env: Readonly<Record<string, string | undefined>>
  runner: CommandRunner
  clock: Clock
  crash(point: string): void
  /** Asked of the file system unless given. */
  freeSpace?: (folder: string) => Promise<FreeSpace>
  /** Of the server's disk, null when nobody knows; asked of the server unless given. */
  freeSpaceOfServer?: (sql: Sql) => Promise<FreeSpace | null>
}
