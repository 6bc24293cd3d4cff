import type { Incident } from '../domain/incident/incident.ts'
import { severityName } from '../domain/incident/severity.ts'
import { formatMs } from './format.ts'
import { oneLine, showTime, spanOf } from './incident-text.ts'

/** What the review speaks about; the report has the facts. */
export function agendaMarkdown(incident: Incident, report: string): string {
  const { times, actions, missedUpdates, runs } = incident
  const gaps: [string, string | null][] = [
    ['From the deploy to the first sign', spanOf(times.deployed, times.failingSince)],
    ['From the first sign to its detection', spanOf(times.failingSince, times.detected)],
    ['From there to somebody having it', spanOf(times.detected, times.acknowledged)],
    ['From there to the rollback', spanOf(times.detected, times.rollbackStarted)],
    ['From the rollback to the proof', spanOf(times.rollbackStarted, times.verified)],
  ]
  const late = runs.filter(({ steps, plan }) => steps.reduce((sum, { ms }) => sum + ms, 0) > plan.eta.ms)
  return [
    `Review of ${incident.id}, ${severityName(incident.severity)}: ${oneLine(incident.title)}`,
    '',
    `The report: ${report}`,
    '',
    '1. Timeline of events',
    ...gaps.flatMap(([what, span]) => (span === null ? [] : [`   - ${what}: ${span}`])),
    '2. What went wrong',
    ...late.map(({ verb, plan }) => `   - The ${verb} was to take ${formatMs(plan.eta.ms)}, and took longer`),
    ...missedUpdates.map((promised) => `   - The update promised for ${showTime(promised)} UTC did not come`),
    '3. Why it was not caught earlier',
    '4. How to prevent it',
    ...actions.map(
      ({ id, text, owner, due }) =>
        `   - ${id} ${oneLine(text)} (${owner ?? 'nobody yet'}${due === null ? '' : `, until ${due}`})`,
    ),
    `5. What the runbook must say: lastgood runbook --diff ${incident.id}`,
    '',
  ].join('\n')
}
