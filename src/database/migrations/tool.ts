import type { DatabaseConfiguration, MigrationTool } from '../../domain/configuration.ts'
import type { AppliedMigration, KnownMigration } from '../../domain/migration.ts'
import type { MigrationFiles } from '../../ports/migrations.ts'
import type { Sql } from '../postgres/session.ts'
import type { Project } from './project.ts'

export type MigrationSettings = DatabaseConfiguration['migrations']

/** One migration tool: how it is recognised, what it records, and how it is made to move exactly what is meant. */
export interface ToolAdapter {
  readonly tool: MigrationTool
  /** A migration that fails leaves nothing behind, because each runs in a transaction together with its record. */
  readonly atomic: boolean
  recognises(project: Project): boolean
  /** Where its migrations are unless told otherwise, the likeliest first. */
  folders(project: Project): Promise<string[]>
  /** Its own record, unless told otherwise; null: only a command can tell. */
  table(project: Project): Promise<string | null>
  /** Everything in the folder, oldest first. */
  describe(release: Described): Promise<KnownMigration[]>
  /** In the order they were applied. */
  readApplied(work: ToolWork): Promise<AppliedMigration[]>
  up(work: ToolWork): Promise<void>
  /** This one, which is the newest. Returns when the tool says so; what is applied is read again by the caller. */
  down(work: ToolWork, migration: KnownMigration): Promise<void>
}

/** The migrations folder of a release. */
export interface Described {
  /** Absolute. */
  folder: string
  /** Names of the files in it, sorted as a person counts: 2 before 10. */
  files: string[]
  text(file: string): Promise<string>
  /** What the code in these files offers, found by loading it in a process of its own. */
  inspect(files: readonly string[]): Promise<InspectedFile[]>
}

export interface InspectedFile {
  file: string
  /** `typeof` of the exports; `false` where down is that very value. */
  up: string
  down: string
  /** Exported classes with an `up`. */
  classes: { name: string; down: string }[]
}

/** What a tool needs to look at a database, or to change it. */
export interface ToolWork {
  sql: Sql
  files: MigrationFiles
  /** Absolute; null: the tool knows by itself. */
  folder: string | null
  table: string | null
  known: readonly KnownMigration[]
  settings: MigrationSettings
  /** A driver of ours with the packages of the release. */
  drive(driver: string, order: Record<string, unknown>): Promise<void>
  /** A program of the release (node_modules/.bin), else of the host. Returns what it printed. */
  program(name: string, args: readonly string[]): Promise<string>
  /** The same with its words as they are. */
  command(words: readonly string[]): Promise<string>
}
