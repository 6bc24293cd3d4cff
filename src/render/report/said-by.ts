import type { Incident } from '../../domain/incident/incident.ts'

/** Of all its events of a type, in order. */
export function seqsOf({ timeline }: Incident, type: string): number[] {
  return timeline.flatMap((entry) => (entry.type === type ? [entry.seq] : []))
}

/** The verdict, else what opened it: says which release it is about. */
export function liveSeq(incident: Incident): number {
  return seqsOf(incident, 'FindingRecorded')[0] ?? incident.openedBy.seq
}

/** Whichever event it was that ended the harm. */
export function resolvedSeq(incident: Incident): number {
  const { timeline, times } = incident
  const ends = ['IncidentResolved', 'RecoveryJudged', 'FindingCleared', 'VerdictEnded']
  return (
    timeline.find(({ type, at }) => ends.includes(type) && at === times.resolved)?.seq ?? endSeq(incident)
  )
}

export function endSeq(incident: Incident): number {
  const ends = [
    'IncidentClosed',
    'IncidentDismissed',
    'IncidentResolved',
    'RecoveryJudged',
    'FindingCleared',
    'VerdictEnded',
  ]
  const found = ends.map((type) => seqsOf(incident, type).at(-1)).find((seq) => seq !== undefined)
  return found ?? incident.openedBy.seq
}
