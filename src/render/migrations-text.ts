import {
  type AppliedMigration,
  type MigrationComparison,
  type ReleaseSchema,
  titleOf,
  type UndoDecision,
} from '../domain/migration.ts'
import type { ReleaseId } from '../domain/release.ts'
import type { MigrationsDone } from '../ports/migrations.ts'
import { countOf, formatMs, formatTable, wrap } from './format.ts'

export interface MigrationStatus {
  live: ReleaseId
  schema: ReleaseSchema
  applied: readonly AppliedMigration[]
  comparison: MigrationComparison
  /** To the last known good release; null: there is none, or it has no migrations. */
  way: { to: ReleaseId; decision: UndoDecision } | null
}

/** What is applied, what is not, and the way back: one line a migration. */
export function statusLines(status: MigrationStatus, width: number): string[] {
  const { live, schema, applied, comparison, way } = status
  const known = schema.migrations
  const waysDown = new Map(known.map(({ name, down }) => [name, down]))
  const rows = [
    ...applied.map(({ name, at }) => [
      word(name, comparison),
      titleOf(name, known),
      describeDown(waysDown.get(name)),
      at?.slice(0, 19) ?? '',
    ]),
    ...comparison.pending.map((name) => [
      'pending',
      titleOf(name, known),
      describeDown(waysDown.get(name)),
      '',
    ]),
  ]
  return [
    `${live} migrates with ${schema.tool}${schema.table === null ? '' : `, which keeps its record in ${schema.table}`}.`,
    ...(rows.length === 0
      ? ['  No migration yet.']
      : formatTable(
          rows.map(([first, ...rest]) => [`  ${first}`, ...rest]),
          width,
        )),
    ...wrap(describeRelation(comparison), width),
    ...(way === null ? [] : wrap(`Back to ${way.to}: ${describeWay(way.decision)}`, width, '  ')),
  ]
}

/** What is about to be taken down, and by whose files. */
export function downPlanLines(
  plan: { to: ReleaseId; runner: ReleaseId; decision: UndoDecision },
  width: number,
): string[] {
  const { to, runner, decision } = plan
  if (!decision.ok) return wrap(`Down to the schema of ${to}: ${describeWay(decision)}`, width, '  ')
  if (decision.undo.length === 0) return [`The database has the schema of ${to} already.`]
  return [
    `Down to the schema of ${to}, newest first, with the files of ${runner}:`,
    ...decision.undo.map(({ title, down }) => `  ${title} (${describeDown(down)})`),
  ]
}

export function doneLines(what: string, { done, applied, ms }: MigrationsDone): string[] {
  if (done.length === 0) return [`Nothing was to be ${what}.`]
  return [
    ...done.map((migration) => `  ${what}  ${migration.title}  ${formatMs(migration.ms)}`),
    `${countOf(done.length, 'migration')} ${what} in ${formatMs(ms)}; ${applied.length} applied now.`,
  ]
}

function word(name: string, { unknown, changed, halfDone }: MigrationComparison): string {
  if (halfDone.includes(name)) return 'half done'
  if (unknown.includes(name)) return 'not known'
  return changed.includes(name) ? 'changed' : 'applied'
}

function describeDown(down: ReleaseSchema['migrations'][number]['down'] | undefined): string {
  if (down === undefined) return ''
  return down === 'none' ? 'no way down' : `down: ${down}`
}

function describeRelation({ relation, pending, unknown }: MigrationComparison): string {
  switch (relation) {
    case 'exact':
      return 'The database has exactly what the release brings.'
    case 'behind':
      return `The database is behind: ${pending.length} to apply.`
    case 'ahead':
      return `The database is ahead: ${unknown.length} applied that the release does not bring.`
    case 'diverged':
      return 'The database and the release have gone different ways; nothing is run until that is mended.'
  }
}

function describeWay(decision: UndoDecision): string {
  if (decision.ok) {
    if (decision.undo.length === 0) return 'nothing has to go down.'
    return `${decision.undo.map(({ title }) => title).join(', ')} would go down.`
  }
  if (decision.reason === 'differ') return `not by going down: ${decision.details.join('; ')}.`
  return `not by going down: ${decision.migrations.map(({ title }) => title).join(', ')} has no way down.`
}
