import type { MigrationTool } from './configuration.ts'

/** One migration as a release brings it. */
export interface KnownMigration {
  /** Exactly as the tool records it in its own table: what applied and known are compared by. */
  name: string
  /** As a person knows it: the file's name where the tool records a number. */
  title: string
  /** SHA-256 of its file. */
  checksum: string
  /** The way down: code of the tool, text we have, or there is none. */
  down: 'code' | 'sql' | 'none'
  /** Where the tool has it as text, so that it outlives the release's files. */
  downSql?: string
}

/** The schema a release needs, kept with it: everything its files say about its migrations, oldest first. */
export interface ReleaseSchema {
  tool: MigrationTool
  /** Relative to the release's folder; null: the tool `commands` knows by itself. */
  folder: string | null
  /** The tool's own record of what is applied, `table` or `schema.table`; null: only the tool's own command can tell. */
  table: string | null
  migrations: KnownMigration[]
}

/** The tool's own record, and the lock some keep beside it: rows that go with the schema and are nobody's data. */
export function isBookkeeping(
  schema: Pick<ReleaseSchema, 'table'> | null,
  table: { schema: string; name: string },
): boolean {
  if (!schema?.table) return false
  const [name = '', inSchema] = schema.table.split('.').reverse()
  if (inSchema !== undefined && inSchema !== table.schema) return false
  return table.name === name || table.name === `${name}_lock`
}

/** One migration as the database has it. */
export interface AppliedMigration {
  name: string
  /** Of what was really applied, where the tool records it. */
  checksum: string | null
  at: string | null
  /** It began and never ended (Prisma records that): nobody knows what of it is there. */
  halfDone: boolean
}

export interface MigrationComparison {
  /**
   * `behind`: the release brings more than is applied. `ahead`: more is applied than it brings. `diverged`: both, or the
   * same name with another content, or one that never ended.
   */
  relation: 'exact' | 'behind' | 'ahead' | 'diverged'
  /** Known and not applied, oldest first. */
  pending: string[]
  /** Applied and not known, in the order they were applied. */
  unknown: string[]
  /** Under one name, other content than was applied. */
  changed: string[]
  halfDone: string[]
}

/** What the database really has applied against what a release brings. By name: orders may differ where branches met. */
export function compareMigrations(
  applied: readonly AppliedMigration[],
  known: readonly KnownMigration[],
): MigrationComparison {
  const checksums = new Map(known.map(({ name, checksum }) => [name, checksum]))
  const there = new Set(applied.map(({ name }) => name))
  const pending = known.map(({ name }) => name).filter((name) => !there.has(name))
  const unknown = applied.map(({ name }) => name).filter((name) => !checksums.has(name))
  const changed = applied
    .filter(({ name, checksum }) => checksum !== null && (checksums.get(name) ?? checksum) !== checksum)
    .map(({ name }) => name)
  const halfDone = applied.filter((migration) => migration.halfDone).map(({ name }) => name)
  const differs = changed.length > 0 || halfDone.length > 0 || (pending.length > 0 && unknown.length > 0)
  const relation = differs
    ? 'diverged'
    : unknown.length > 0
      ? 'ahead'
      : pending.length > 0
        ? 'behind'
        : 'exact'
  return { relation, pending, unknown, changed, halfDone }
}

export type UndoDecision =
  | { ok: true; undo: KnownMigration[] }
  | { ok: false; reason: 'differ'; details: string[] }
  | { ok: false; reason: 'forward-only'; migrations: KnownMigration[] }

/**
 * Which migrations must go down, newest first, to get from what is applied to the schema of `target`: by release, never
 * by step. `runner` is the release whose files would run it: the one that applied them. It has to know every applied
 * migration, because tools that do not know the newest one take down the one below it and call that a success.
 */
export function migrationsToUndo(
  applied: readonly AppliedMigration[],
  target: readonly KnownMigration[],
  runner: readonly KnownMigration[],
): UndoDecision {
  const wanted = new Set(target.map(({ name }) => name))
  const leaving = applied.filter(({ name }) => !wanted.has(name))
  const details = [
    ...differencesFrom(applied, runner),
    ...missingFor(applied, target),
    ...changedBetween(target, runner, applied),
    ...buried(applied, wanted),
  ]
  if (details.length > 0) return { ok: false, reason: 'differ', details }

  const byName = new Map(runner.map((migration) => [migration.name, migration]))
  const undo = leaving.toReversed().flatMap(({ name }) => byName.get(name) ?? [])
  const stuck = undo.filter(({ down }) => down === 'none')
  return stuck.length > 0 ? { ok: false, reason: 'forward-only', migrations: stuck } : { ok: true, undo }
}

/** Why the files of a release must not move this database, or nothing. Pending ones are no reason: an `up` may have failed half way. */
export function differencesFrom(
  applied: readonly AppliedMigration[],
  runner: readonly KnownMigration[],
): string[] {
  const { unknown, changed, halfDone } = compareMigrations(applied, runner)
  return [
    ...unknown.map((name) => `applied, and not in the release that would run it: ${name}`),
    ...changed.map((name) => `applied with another content than the release has: ${titleOf(name, runner)}`),
    ...halfDone.map((name) => `begun and never ended: ${titleOf(name, runner)}`),
  ]
}

/**
 * The release whose files may take this database down: what serves if it knows every applied migration, else the newest
 * that does. Null when none does.
 */
export function releaseThatKnows<Candidate extends { migrations: readonly KnownMigration[] }>(
  applied: readonly AppliedMigration[],
  candidates: readonly Candidate[],
): Candidate | null {
  return (
    candidates.find(({ migrations }) => compareMigrations(applied, migrations).unknown.length === 0) ?? null
  )
}

export function titleOf(name: string, known: readonly KnownMigration[]): string {
  return known.find((migration) => migration.name === name)?.title ?? name
}

/** Going down cannot bring them. */
function missingFor(applied: readonly AppliedMigration[], target: readonly KnownMigration[]): string[] {
  return compareMigrations(applied, target).pending.map(
    (name) => `needed by the target, and not applied: ${titleOf(name, target)}`,
  )
}

/** The same name means two things in the two releases, so the target's schema is none that this way leads to. */
function changedBetween(
  target: readonly KnownMigration[],
  runner: readonly KnownMigration[],
  applied: readonly AppliedMigration[],
): string[] {
  const there = new Set(applied.map(({ name }) => name))
  const checksums = new Map(runner.map(({ name, checksum }) => [name, checksum]))
  return target
    .filter(({ name, checksum }) => there.has(name) && (checksums.get(name) ?? checksum) !== checksum)
    .map(({ title }) => `not the same in the two releases: ${title}`)
}

/** To be taken down, and below one that stays: a tool that goes by step would take the wrong one. */
function buried(applied: readonly AppliedMigration[], wanted: ReadonlySet<string>): string[] {
  const newestKept = applied.findLastIndex(({ name }) => wanted.has(name))
  return applied
    .slice(0, Math.max(0, newestKept))
    .filter(({ name }) => !wanted.has(name))
    .map(({ name }) => `applied before ${applied[newestKept]?.name ?? ''}, which stays: ${name}`)
}
