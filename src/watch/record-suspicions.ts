import type { EventData } from '../domain/event.ts'
import { type Finding, nextFindingId } from '../domain/finding.ts'
import type { ReleaseId } from '../domain/release.ts'
import type { Trigger, TriggerMode } from '../domain/trigger.ts'
import type { Suspicion } from './suspicion.ts'

export type FindingChange =
  | { type: 'FindingRecorded'; data: EventData['FindingRecorded'] }
  | { type: 'FindingCleared'; data: EventData['FindingCleared'] }

/**
 * What is new of what the senses say: a finding is recorded once while it is open, and cleared when its signal is proven to
 * be well again. A person's flag is a person's to clear.
 */
export function changesOf(
  suspicions: readonly Suspicion[],
  findings: readonly Finding[],
  release: ReleaseId,
  modes: Record<Trigger, TriggerMode>,
): FindingChange[] {
  const known = [...findings]
  const changes: FindingChange[] = []
  for (const { status, ...facts } of suspicions) {
    const mode = modes[facts.trigger]
    const open = known.find(
      (each) =>
        each.release === release &&
        each.trigger === facts.trigger &&
        each.key === facts.key &&
        each.cleared === null,
    )
    if (status === 'firing' && open === undefined && mode !== 'off') {
      const finding = {
        ...facts,
        id: nextFindingId(known),
        release,
        mode,
        since: new Date(facts.since).toISOString(),
      }
      known.push({ ...finding, by: '', recordedAt: finding.since, cleared: null })
      changes.push({ type: 'FindingRecorded', data: { finding } })
    }
    if (status === 'well' && open !== undefined)
      changes.push({ type: 'FindingCleared', data: { finding: open.id, reason: facts.summary } })
  }
  return changes
}
