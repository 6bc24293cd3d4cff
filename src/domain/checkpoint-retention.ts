import { checkpointNumber, type KeptCheckpoint, kindOf, type RetiredCheckpoint } from './checkpoint.ts'
import { isGoodTarget, type ReleaseId } from './release.ts'
import type { ServiceState } from './service-state.ts'

export interface CheckpointRule {
  keep: number
  maxAgeMs: number
  /** Null: any. */
  maxBytes: number | null
}

/**
 * Which checkpoints may be removed, oldest first: past the count, past their age, and then the oldest until the rest fits.
 *
 * Never among them: the newest good one, the newest good dump (a template is on the disk of what it is a copy of), and the
 * newest good one taken while a release served that somebody may have to go back to. A damaged one is no way back, and
 * protects nothing; it stays until its turn, so that a person can look at it.
 */
export function checkpointsToRetire(
  checkpoints: readonly KeptCheckpoint[],
  rule: CheckpointRule,
  needed: readonly ReleaseId[],
  now: number,
): RetiredCheckpoint[] {
  const newestFirst = [...checkpoints].sort((a, b) => checkpointNumber(b.id) - checkpointNumber(a.id))
  const kept = protectedOnes(newestFirst, needed)
  const retired: RetiredCheckpoint[] = []
  let bytes = 0
  for (const [place, checkpoint] of newestFirst.entries()) {
    const why = kept.has(checkpoint.id) ? null : whyNot(checkpoint, place, bytes, rule, now)
    if (why === null) bytes += bytesOf(checkpoint)
    else retired.push({ id: checkpoint.id, bytes: bytesOf(checkpoint), why })
  }
  return retired.reverse()
}

/** Whatever a rollback may go to, and what serves: a checkpoint of each of them is kept. */
export function neededReleases({ releases, live }: Pick<ServiceState, 'releases' | 'live'>): ReleaseId[] {
  return releases.filter((release) => isGoodTarget(release) || release.id === live).map(({ id }) => id)
}

/** Whole as far as anybody knows: its record can be read, and no trial said otherwise. */
export function isGoodCheckpoint(
  checkpoint: KeptCheckpoint,
): checkpoint is Extract<KeptCheckpoint, { readable: true }> {
  return checkpoint.readable && checkpoint.verification?.ok !== false
}

function protectedOnes(newestFirst: readonly KeptCheckpoint[], needed: readonly ReleaseId[]): Set<string> {
  const good = newestFirst.filter(isGoodCheckpoint)
  const ofReleases = needed.map((release) => good.find(({ checkpoint }) => checkpoint.release === release))
  const dump = good.find(({ checkpoint }) => kindOf(checkpoint) === 'dump')
  return new Set([good[0], dump, ...ofReleases].flatMap((each) => (each === undefined ? [] : [each.id])))
}

/** @param bytes of all the newer ones that stay */
function whyNot(
  kept: KeptCheckpoint,
  place: number,
  bytes: number,
  { keep, maxAgeMs, maxBytes }: CheckpointRule,
  now: number,
): string | null {
  if (place >= Math.max(1, keep)) return `the newest ${Math.max(1, keep)} are kept`
  if (kept.readable && now - Date.parse(kept.checkpoint.createdAt) > maxAgeMs)
    return 'older than the rule allows'
  if (maxBytes !== null && bytes + bytesOf(kept) > maxBytes)
    return 'all of them would take more than the rule allows'
  return null
}

function bytesOf(kept: KeptCheckpoint): number {
  return kept.readable ? kept.checkpoint.bytes : 0
}
