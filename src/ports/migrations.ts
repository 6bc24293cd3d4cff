import type { AppliedMigration, KnownMigration, ReleaseSchema } from '../domain/migration.ts'

/**
 * The service's migrations, by whatever tool its releases bring. What is applied is read from the tool's own table, never
 * remembered. Both ways are convergent: done twice, the second does nothing.
 */
export interface Migrations {
  /**
   * What the files of a release say; kept with the release. Null: it has no migrations that we know.
   * @throws OperatorError MIGRATIONS_UNREADABLE, MIGRATION_TOOL_UNKNOWN
   */
  describe(release: MigrationFiles): Promise<ReleaseSchema | null>

  /**
   * In the order they were applied. No table yet: none is.
   * @throws OperatorError MIGRATIONS_UNREADABLE, DB_*
   */
  applied(schema: ReleaseSchema, where: MigrationPlace): Promise<AppliedMigration[]>

  /**
   * Applies everything the release brings, with its own files.
   * @throws OperatorError MIGRATIONS_DIFFER, MIGRATIONS_BUSY, MIGRATION_FAILED, MIGRATIONS_PARTLY_DONE,
   * MIGRATION_TOOL_MISSING, DB_*
   */
  up(request: MigrationRequest): Promise<MigrationsDone>

  /**
   * Takes down exactly what `target` does not have, newest first, with the files of the release that applied it. An empty
   * target means everything; one that is not known is null, and refused: nobody may take it for empty.
   * @throws OperatorError as up, MIGRATION_FORWARD_ONLY
   */
  down(request: DownRequest): Promise<MigrationsDone>
}

/** A built release, as far as its migrations need it. */
export interface MigrationFiles {
  directory: string
  /** What the release runs with: migrations are its code. */
  env: Readonly<Record<string, string>>
}

export interface MigrationPlace {
  files: MigrationFiles
  /** Another database than the service's own (a rehearsal's copy). */
  url?: string
}

export interface MigrationRequest extends MigrationPlace {
  schema: ReleaseSchema
  signal: AbortSignal
  /** How long one statement may wait for a lock before it gives up, so that nothing queues up behind it. Default 5 s. */
  lockTimeoutMs?: number
  /** For the whole of one tool run. Default 30 min. */
  timeoutMs?: number
  /** The tool's own words. */
  logFile?: string
}

export interface DownRequest extends MigrationRequest {
  target: readonly KnownMigration[] | null
}

export interface MigrationsDone {
  /** In the order it was done; `ms` is the tool's own time. */
  done: { name: string; title: string; ms: number }[]
  /** Read again afterwards. */
  applied: AppliedMigration[]
  ms: number
}
