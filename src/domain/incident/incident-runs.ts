import type { EventData } from '../event.ts'
import type { ReleaseId } from '../release.ts'
import type { Incident, IncidentRun } from './incident.ts'
import type { IncidentLog } from './incident-log.ts'

/** It belongs to the incident from here on; a rollback says what it costs before it does anything. */
export function beginRun(
  incident: Incident,
  { run: id, plan }: EventData['RunStarted'],
  { seq, at }: { seq: number; at: string },
  log: IncidentLog,
): void {
  const { verb, from, to } = plan
  incident.runs.push({
    id,
    verb,
    from,
    to,
    status: 'running',
    startedSeq: seq,
    startedAt: at,
    plan,
    steps: [],
  })
  log.runs.set(id, incident.id)
  if (verb !== 'rollback') return
  aboutRelease(incident, from, log)
  incident.target = to
  incident.times.rollbackStarted ??= at
  incident.data.lost = plan.dataLoss
  incident.data.seq = seq
}

export function changeRun(incident: Incident, id: string, mutate: (run: IncidentRun) => void): void {
  const run = incident.runs.findLast((known) => known.id === id)
  if (run) mutate(run)
}

export function endRun(incident: Incident, id: string, status: IncidentRun['status']): void {
  changeRun(incident, id, (run) => {
    run.status = status
  })
}

export function aboutRelease(incident: Incident, release: ReleaseId | null, log: IncidentLog): void {
  if (incident.release !== null || release === null) return
  incident.release = release
  incident.times.deployed = log.liveSince.get(release) ?? null
}
