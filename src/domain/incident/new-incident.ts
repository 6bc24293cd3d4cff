import type { JournalEvent } from '../event.ts'
import type { Incident } from './incident.ts'
import type { IncidentLog } from './incident-log.ts'
import type { Opening } from './opening.ts'

export function newIncident(log: IncidentLog, opening: Opening, event: JournalEvent): Incident {
  const { release } = opening
  return {
    id: `i${log.incidents.length + 1}`,
    key: event.id,
    service: log.service,
    title: opening.title,
    state: 'open',
    drill: opening.drill,
    severity: opening.severity,
    severityConfirmed: opening.severityConfirmed,
    openedBy: { seq: event.seq, by: opening.by, actor: event.actor },
    release,
    target: null,
    findings: [],
    verdicts: [],
    runs: [],
    times: {
      deployed: release === null ? null : (log.liveSince.get(release) ?? null),
      failingSince: opening.failingSince,
      detected: event.at,
      acknowledged: null,
      rollbackStarted: null,
      switched: null,
      verified: null,
      resolved: null,
      closed: null,
    },
    impact: { requests: null, failed: null, seq: null, gapMs: null, databaseUnavailableMs: null, texts: [] },
    data: { lost: null, seq: null, restored: null, migrationsTakenDown: null, salvaged: [] },
    roles: {},
    participants: [],
    pages: [],
    eta: null,
    nextUpdate: null,
    missedUpdates: [],
    updates: [],
    resolution: null,
    closing: null,
    dismissal: null,
    evidence: {},
    marks: {},
    teamItems: null,
    actions: [],
    review: null,
    reportSeq: null,
    timeline: [],
  }
}
