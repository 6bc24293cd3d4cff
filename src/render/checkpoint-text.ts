import {
  type Checkpoint,
  type CheckpointVerification,
  type KeptCheckpoint,
  kindOf,
  type RetiredCheckpoint,
  rowsIn,
} from '../domain/checkpoint.ts'
import type { Estimate } from '../domain/plan.ts'
import { countOf, formatAge, formatMs, formatTable, wrap } from './format.ts'

/** Newest first. */
export function checkpointLines(kept: readonly KeptCheckpoint[], now: number, width: number): string[] {
  if (kept.length === 0) return ['No checkpoint yet. lastgood checkpoint create makes one.']
  const head = ['id', 'kind', 'taken', 'size', 'tables', 'rows', 'release', 'restored for trial', 'why']
  const rows = [...kept].reverse().map((each) => {
    if (!each.readable) return [each.id, '-', '-', '-', '-', '-', '-', 'damaged', each.problem]
    const { checkpoint, verification } = each
    return [
      each.id,
      kindOf(checkpoint),
      formatAge(checkpoint.createdAt, now),
      formatSize(checkpoint.bytes),
      String(checkpoint.content.tables.length),
      String(rowsIn(checkpoint.content)),
      checkpoint.release ?? '-',
      trialText(verification, now),
      checkpoint.reason,
    ]
  })
  return formatTable([head, ...rows], width)
}

export function createdLine(checkpoint: Checkpoint): string {
  const { id, content, bytes, ms, template } = checkpoint
  const tables = countOf(content.tables.length, 'table')
  const held = template === null ? '' : `; connections waited ${formatMs(template.heldMs)}`
  return `${id}: ${tables}, ${countOf(rowsIn(content), 'row')}, ${formatSize(bytes)} in ${formatMs(ms)}${held}`
}

/**
 * @param hold null: it is a dump
 * @param pauseMs for how long connections may wait; null: nobody is sent away
 */
export function checkpointPlanLines(
  id: string,
  folder: string,
  hold: Estimate | null,
  pauseMs: number | null,
  width: number,
): string[] {
  if (hold === null) return wrap(`Make the checkpoint ${id} in ${folder}`, width, '  ')
  const takes = `about ${formatMs(hold.ms)} (${hold.source === 'measured' ? 'as the ones before' : 'nothing measured yet'})`
  const others =
    pauseMs === null
      ? 'It is refused while anybody is connected'
      : `Sessions are ended, and new ones wait for at most ${formatMs(pauseMs)}`
  return [
    `Make the checkpoint ${id} by letting the server copy the database, in ${takes}.`,
    `${others}; its record goes to ${folder}`,
  ].flatMap((line) => wrap(line, width, '  '))
}

/** @param nextAt ISO 8601 */
export function notDueLine(nextAt: string): string {
  return `None is due: the next is at ${nextAt.slice(0, 16).replace('T', ' ')} UTC.`
}

export function verificationLines(verification: CheckpointVerification, checkpoint: Checkpoint): string[] {
  const { ok, differences, restoreMs, ms } = verification
  if (ok) {
    const { content } = checkpoint
    const { tables, sequences, extensions, catalog } = content
    return [
      `${checkpoint.id} restores in ${formatMs(restoreMs)}, and is what was written down (${formatMs(ms)} in all):`,
      `  ${countOf(tables.length, 'table')} with ${countOf(rowsIn(content), 'row')}, equal by content`,
      `  ${countOf(sequences.length, 'sequence')}, ${countOf(extensions.length, 'extension')}, ${countOf(catalog.length, 'object')} of the catalogue`,
    ]
  }
  return [`${checkpoint.id} is not what was written down:`, ...differences.map((line) => `  ${line}`)]
}

export function pruneLines(removed: readonly RetiredCheckpoint[], leftOvers: readonly string[]): string[] {
  const lines = removed.map(({ id, bytes, why }) => `  ${id}  ${formatSize(bytes)}  ${why}`)
  const stray = leftOvers.map((name) => `  ${name}  left by a run that was killed`)
  return lines.length + stray.length === 0 ? ['Nothing to remove.'] : [...lines, ...stray]
}

function trialText(verification: CheckpointVerification | null, now: number): string {
  if (verification === null) return 'never'
  if (!verification.ok) return `BAD, ${formatAge(verification.at, now)}`
  return `good, ${formatAge(verification.at, now)} (${formatMs(verification.restoreMs)})`
}

/** `1.4 GB`, `12 MB`, `40 kB` */
export function formatSize(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.ceil(bytes / 1e3)} kB`
}
