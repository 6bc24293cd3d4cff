import type { JournalEvent } from '../event.ts'
import type { ReleaseId } from '../release.ts'
import type { Incident } from './incident.ts'
import { SEVERITY_WITHOUT_A_FINDING, severityOfFinding } from './severity.ts'
import type { Severity } from './words.ts'

export interface Opening {
  by: Incident['openedBy']['by']
  title: string
  severity: Severity
  severityConfirmed: boolean
  release: ReleaseId | null
  failingSince: string | null
  drill: boolean
}

/**
 * What opens an incident where none is going on: a finding that somebody has to know of, a verdict, a rollback, a run that
 * stopped part way; and a person, at any time. All is in the event itself, so whoever reads the journal sees the same ones.
 */
export function findOpening(event: JournalEvent, { live }: { live: ReleaseId | null }): Opening | null {
  const opening = (facts: Partial<Opening> & Pick<Opening, 'by' | 'title'>): Opening => ({
    severity: SEVERITY_WITHOUT_A_FINDING,
    severityConfirmed: false,
    release: null,
    failingSince: null,
    drill: false,
    ...facts,
  })
  switch (event.type) {
    case 'FindingRecorded': {
      const { finding } = event.data
      if (finding.mode !== 'ask' && finding.mode !== 'act') return null
      const { summary: title, release, since: failingSince } = finding
      return opening({ by: 'finding', title, severity: severityOfFinding(finding), release, failingSince })
    }
    case 'VerdictReached': {
      const { reason: title, release } = event.data.verdict
      return opening({ by: 'verdict', title, release })
    }
    case 'RunStarted': {
      const { plan, reason } = event.data
      return plan.verb === 'rollback' ? opening({ by: 'rollback', title: reason, release: plan.from }) : null
    }
    case 'RunStopped':
      return opening({ by: 'stopped-run', title: event.data.message, severity: 1 })
    case 'IncidentOpened': {
      const { title, severity, release, drill } = event.data
      return opening({
        by: 'person',
        title,
        severity: severity ?? SEVERITY_WITHOUT_A_FINDING,
        severityConfirmed: severity !== null,
        release: release ?? live,
        drill,
      })
    }
    default:
      return null
  }
}
