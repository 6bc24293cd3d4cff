import {
  type Checkpoint,
  type CheckpointVerification,
  type KeptCheckpoint,
  type RetiredCheckpoint,
  rowsIn,
} from '../domain/checkpoint.ts'
import { countOf, formatAge, formatMs, formatTable } from './format.ts'

/** Newest first. */
export function checkpointLines(kept: readonly KeptCheckpoint[], now: number, width: number): string[] {
  if (kept.length === 0) return ['No checkpoint yet. lastgood checkpoint create makes one.']
  const head = ['id', 'taken', 'size', 'tables', 'rows', 'release', 'restored for trial', 'why']
  const rows = [...kept].reverse().map((each) => {
    if (!each.readable) return [each.id, '-', '-', '-', '-', '-', 'damaged', each.problem]
    const { checkpoint, verification } = each
    return [
      each.id,
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
  const { id, content, bytes, ms } = checkpoint
  const tables = countOf(content.tables.length, 'table')
  return `${id}: ${tables}, ${countOf(rowsIn(content), 'row')}, ${formatSize(bytes)} in ${formatMs(ms)}`
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
