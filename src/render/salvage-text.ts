import {
  type Comparison,
  type ExportSummary,
  type LeftOut,
  type Reinsertion,
  type TableComparison,
  tableTitle,
} from '../domain/salvage.ts'
import { countOf, formatMs, formatTable, wrap } from './format.ts'

export function comparisonLines(comparison: Comparison, width: number): string[] {
  const { damaged, restored, tables, equal, onlyDamaged, onlyRestored } = comparison
  const differing = tables.filter(
    ({ inserted, updated, deleted, later }) => inserted + updated + deleted + later > 0,
  )
  const lines = [
    ...wrap(
      `${damaged} against ${restored}: ${countOf(differing.length, 'table')} with other rows, ${equal} equal.`,
      width,
    ),
  ]
  if (differing.length > 0) {
    const rows = differing.map((table) => [
      `  ${tableTitle(table)}`,
      figure(table.inserted),
      figure(table.updated),
      figure(table.deleted),
      figure(table.later),
    ])
    const head = ['  table', 'inserted', 'updated', 'deleted', 'written since the restore']
    lines.push('', ...formatTable([head, ...rows], width))
  }
  for (const table of tables) lines.push(...detailLines(table, width))
  for (const { rows, ...table } of onlyDamaged)
    lines.push('', `  ${tableTitle(table)} is only in ${damaged}, with ${countOf(rows, 'row')}`)
  for (const { rows, ...table } of onlyRestored)
    lines.push('', `  ${tableTitle(table)} is only in ${restored}, with ${countOf(rows, 'row')}`)
  return lines
}

function detailLines(table: TableComparison, width: number): string[] {
  const key = table.primaryKey?.join(', ') ?? 'rows by hash'
  const lines = (['inserted', 'updated', 'deleted'] as const)
    .filter((kind) => table[kind] > 0)
    .flatMap((kind) =>
      wrap(`  ${kind.padEnd(8)}  ${keysText(table.samples[kind], table[kind])}`, width, '            '),
    )
  const { onlyDamaged, onlyRestored } = table.columns
  if (onlyDamaged.length > 0) lines.push(`  columns only in the damaged one: ${onlyDamaged.join(', ')}`)
  if (onlyRestored.length > 0) lines.push(`  columns only in the restored one: ${onlyRestored.join(', ')}`)
  for (const note of table.notes) lines.push(...wrap(`  ${note}`, width, '  '))
  return lines.length === 0 ? [] : ['', `${tableTitle(table)} (${key})`, ...lines]
}

export function exportLines({ folder, files }: ExportSummary): string[] {
  if (files.length === 0) return [`No row differs; ${folder}/summary.json says so.`]
  const names = files.map(({ name, rows }) => `  ${name}  ${countOf(rows, 'row')}`)
  return [`Written to ${folder}:`, ...names, '  summary.json']
}

/** @param done false: what it would do */
export function reinsertionLines(reinsertion: Reinsertion, done: boolean, width: number): string[] {
  const { damaged, restored, tables, leftOut, sequences, untouched, notes } = reinsertion
  const head = ['  table', done ? 'brought back' : 'to bring back', 'found', 'rows before', 'rows after']
  const rows = tables.map((table) => [
    `  ${tableTitle(table)}`,
    figure(table.inserted),
    figure(table.found),
    figure(table.rows.before),
    figure(table.rows.after),
  ])
  return [
    `${done ? 'Brought back' : 'To bring back'} from ${damaged} into ${restored}:`,
    ...formatTable([head, ...rows], width),
    ...leftOut.flatMap((left) => wrap(`  ${leftOutText(left)}`, width, '    ')),
    ...untouched.flatMap((table) =>
      wrap(
        `  ${tableTitle(table)}: ${table.updated} updated and ${table.deleted} deleted rows stay as they are here`,
        width,
        '    ',
      ),
    ),
    ...sequences.map((moved) => `  sequence ${tableTitle(moved)}: ${moved.from} -> ${moved.to}`),
    ...notes.flatMap((note) => wrap(`  ${note}`, width, '    ')),
    ...(done ? [`  in ${formatMs(reinsertion.ms)}, each row as it was`] : []),
  ]
}

function leftOutText({ why, rows, keys, ...table }: LeftOut): string {
  const reason = {
    predicate: 'left out by the condition',
    parent: 'left out, because what they refer to is',
    conflict: 'not written: something else has their place',
  }[why]
  const which = keys.length === 0 ? '' : ` (${keysText(keys, rows)})`
  return `${tableTitle(table)}: ${countOf(rows, 'row')} ${reason}${which}`
}

function keysText(keys: readonly (readonly (string | null)[])[], count: number): string {
  const named = keys.map((key) => (key.length === 1 ? (key[0] ?? 'null') : `(${key.join(', ')})`))
  return named.join(', ') + (count > keys.length ? `, ... ${figure(count - keys.length)} more` : '')
}

function figure(count: number): string {
  return count.toLocaleString('en')
}
