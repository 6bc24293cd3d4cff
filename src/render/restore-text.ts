import type { Checkpoint } from '../domain/checkpoint.ts'
import type { Dropped, FreezeResult, RestoreView, SpaceCheck, SwapResult } from '../domain/restore.ts'
import { describeWritten, type WrittenSince } from '../domain/salvage.ts'
import { countOf, formatAge, formatMs, formatTable, wrap } from './format.ts'

export interface RestorePlan {
  database: string
  checkpoint: Checkpoint
  space: SpaceCheck
  /** Null: there is no database to be written to. */
  written: WrittenSince | null
  freeze: boolean
  /** Built so far by one that was cut short. */
  continues: boolean
  keepDays: number
}

/** What is about to happen to the data, before anybody is asked. */
export function restorePlanLines(
  { database, checkpoint, space, written, freeze, continues, keepDays }: RestorePlan,
  now: number,
  width: number,
): string[] {
  const { tables } = checkpoint.content
  const rows = tables.reduce((sum, table) => sum + table.rows, 0)
  const free = space.freeBytes === null ? 'free space not known' : `${megabytes(space.freeBytes)} free`
  const days = Math.round(keepDays)
  const facts: [string, string][] = [
    [
      'From',
      `checkpoint ${checkpoint.id} of ${formatAge(checkpoint.createdAt, now)}: ${countOf(tables.length, 'table')}, ${countOf(rows, 'row')}`,
    ],
    [
      'Built',
      `${continues ? 'further, where it was cut short, ' : ''}beside ${database}, and compared row by row; ${database} serves on`,
    ],
    ['Disk', `${megabytes(space.neededBytes)} needed, ${free}`],
    ['Writes', freeze ? 'stopped from now on: the service can only read' : 'go on until the swap'],
    ['Unavailable', 'for the swap alone, most often less than 0.2 s, whatever the size'],
    ['Data lost', describeLoss(checkpoint, written)],
    ['Kept', `what is ${database} now, under another name, for ${countOf(days, 'day')}`],
    ['Way back', 'lastgood restore --undo'],
  ]
  return [
    `Restore ${database} from ${checkpoint.id}`,
    '',
    ...facts.flatMap(([label, text]) => hang(label, text, width)),
  ]
}

export function swappedLines(database: string, result: SwapResult): string[] {
  const gap = result.unavailableMs === null ? 'had been done' : `took ${formatMs(result.unavailableMs)}`
  const through = result.throughPgbouncer ? ', during which the clients of PgBouncer waited' : ''
  const kept =
    result.kept === null
      ? `There was no ${database} before.`
      : `What it was is kept as ${result.kept} until ${day(result.keptUntil ?? '')}.`
  return [`The swap ${gap}${through}. ${kept}`]
}

/** Every database that restores have left, and how it stands with the live one. */
export function restoreListLines(view: RestoreView, now: number, width: number): string[] {
  const { live } = view
  const state = live === null ? 'not there' : live.allowsConnections ? 'serves' : 'TAKES NO CONNECTIONS'
  const frozen = live?.mark ? `, read-only since ${formatAge(live.mark.frozen.at, now)}` : ''
  const rows = [
    [view.database, `${state}${frozen}`, megabytes(live?.bytes ?? null), '', ''],
    ...view.damaged.map(({ name, bytes, mark }) => [
      name,
      mark.replacedBy === live?.oid ? 'replaced, can be taken back' : 'replaced',
      megabytes(bytes),
      formatAge(mark.at, now),
      `until ${day(mark.expires)}`,
    ]),
    ...view.next.map(({ name, bytes, mark }) => [
      name,
      `${mark.state}, from ${mark.checkpoint}`,
      megabytes(bytes),
      formatAge(mark.at, now),
      `until ${day(mark.expires)}`,
    ]),
  ]
  const lines = formatTable([['database', 'state', 'size', 'since', 'kept'], ...rows], width)
  if (view.pgbouncer?.paused) lines.push('', 'PgBouncer is PAUSED: its clients wait.')
  if (view.pgbouncerProblem !== null) lines.push('', `PgBouncer: ${view.pgbouncerProblem}`)
  return lines
}

export function frozenLines(database: string, result: FreezeResult, width: number): string[] {
  const ended =
    result.ended === 0 ? 'no session had to be ended' : `${countOf(result.ended, 'session')} ended`
  return [
    `${database} is read-only (${ended}).`,
    ...result.notStopped.flatMap((what) => wrap(`  Not stopped: ${what}.`, width, '    ')),
  ]
}

export function unfrozenLine(databases: readonly string[]): string {
  return databases.length === 0 ? 'It was not read-only.' : `${databases.join(', ')} takes writes again.`
}

export function droppedLines({ dropped, left }: Dropped): string[] {
  if (dropped.length + left.length === 0) return ['Nothing to drop.']
  return [
    ...dropped.map((name) => `Dropped ${name}.`),
    ...left.map(({ name, reason }) => `Left ${name}: ${reason}`),
  ]
}

/** Not for good: it is in the database that is kept. */
function describeLoss(checkpoint: Checkpoint, written: WrittenSince | null): string {
  if (written === null) return 'none: there is no such database at the moment'
  if (written.tables.length === 0) return `none: nothing was written since ${checkpoint.id}`
  return `written since ${checkpoint.id}: ${describeWritten(written.tables)}. It stays in the database that is kept; lastgood salvage brings it back`
}

function hang(label: string, text: string, width: number): string[] {
  const indent = ' '.repeat(15)
  return wrap(`  ${label.padEnd(13)}${text}`, width, indent)
}

/** `2026-11-30 18:04` in UTC. */
function day(at: string): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC`
}

function megabytes(bytes: number | null): string {
  if (bytes === null) return '-'
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}
