import type { Checkpoint } from '../domain/checkpoint.ts'
import type { ColumnContent, TrialContent } from '../domain/judge-down.ts'
import type { RehearsedMigration } from '../domain/proof.ts'
import type { MigrationsDone } from './migrations.ts'

/** Private copies of the service's database, to try on what must not go wrong on the real one. */
export interface TrialDatabases {
  /**
   * Restores the checkpoint into a database of its own, and drops that again however `work` ends. Where a full copy does
   * not fit on the server's disk: the schema, the small tables, and generated rows in the others. What killed rehearsals
   * have left is dropped first.
   * @throws OperatorError what restoring throws
   */
  withCopy<T>(
    checkpoint: Checkpoint,
    options: { signal: AbortSignal },
    work: (copy: TrialCopy) => Promise<T>,
  ): Promise<T>
  /** Copies that killed rehearsals have left. @returns their names @throws OperatorError REHEARSAL_RUNNING */
  dropStrays(): Promise<string[]>
}

export interface TrialCopy {
  name: string
  /** As the service's own role. A secret. */
  url: string
  kind: 'full' | 'schema-only'
  /** Why it is not full, and what is in it instead. */
  why: string | null
  /** How long restoring took; null where it is not full. */
  restoreMs: number | null
  /** A release's environment with everything in it that leads to the live database turned to the copy. */
  environment(env: Readonly<Record<string, string>>): TurnedEnvironment
  /** What is in it, all in one snapshot; `columns` for the tables that are named, `schema.table`. */
  content(columns: 'all' | readonly string[]): Promise<TrialContent>
  columns(tables: readonly string[]): Promise<ColumnContent[]>
  /** Where a tool that we do not know keeps its record: the one table that has all these names in it. */
  findRecord(names: readonly string[]): Promise<string | null>
  /** From now until `end`, which locks the migrations hold. `bookkeeping`: the tool's own table. */
  watchLocks(bookkeeping: string | null): Promise<LockWatch>
  /** From now until `end`, whether a release connects to the copy, and that it does not to the live database. */
  watchSessions(): SessionWatch
}

export interface TurnedEnvironment {
  env: Record<string, string>
  /** Names of the variables that led to the live database. Empty: nothing says that a release will use the copy. */
  turned: string[]
}

export interface LockWatch {
  end(done: MigrationsDone['done']): Promise<RehearsedMigration[]>
}

export interface SessionWatch {
  look(): Promise<SeenSessions>
  end(): Promise<SeenSessions>
}

export interface SeenSessions {
  onCopy: boolean
  onLive: boolean
}
