import type { Finding } from '../finding.ts'
import type { Incident, IncidentState } from '../incident/incident.ts'
import type { ComponentStatus, PublicFacts, PublicStatus } from './message.ts'
import { COMPONENT_STATES } from './message.ts'
import type { PublicComponent } from './status-page-configuration.ts'

/** Exhaustive: a new state does not compile until it is decided what customers are told of it. */
export const PUBLIC_STATUS: Record<IncidentState, PublicStatus> = {
  open: 'investigating',
  acknowledged: 'investigating',
  mitigating: 'identified',
  monitoring: 'monitoring',
  resolved: 'resolved',
  closed: 'resolved',
  dismissed: 'resolved',
}

export const STATUS_WORDS: Record<PublicStatus, string> = {
  investigating: 'Investigating',
  identified: 'Identified, being fixed',
  monitoring: 'Fixed, being watched',
  resolved: 'Resolved',
}

export const COMPONENT_WORDS: Record<ComponentStatus, string> = {
  operational: 'Operational',
  degraded: 'Degraded',
  'partial-outage': 'Partial outage',
  'major-outage': 'Major outage',
}

const IMPACT_WORDS: Record<ComponentStatus, string> = {
  operational: 'No impact is known.',
  degraded: 'It may be slower than usual, or fail now and then.',
  'partial-outage': 'Some requests fail.',
  'major-outage': 'It cannot be used, or not safely.',
}

export function publicFacts(
  incident: Incident,
  findings: readonly Finding[],
  components: readonly PublicComponent[],
): PublicFacts {
  return {
    status: PUBLIC_STATUS[incident.state],
    impact: impactOf(incident),
    components: affectedComponents(
      findings.filter(({ id }) => incident.findings.includes(id)),
      components,
    ),
  }
}

/** By severity while it lasts. While it is only watched it may come back, and is called degraded. */
export function impactOf({ state, severity }: Pick<Incident, 'state' | 'severity'>): ComponentStatus {
  if (PUBLIC_STATUS[state] === 'resolved') return 'operational'
  if (state === 'monitoring') return 'degraded'
  return worstImpact(severity)
}

export function worstImpact(severity: Incident['severity']): ComponentStatus {
  if (severity === 1) return 'major-outage'
  if (severity === 2) return 'partial-outage'
  return severity === 5 ? 'operational' : 'degraded'
}

export function worstOf(states: readonly ComponentStatus[]): ComponentStatus {
  const worst = Math.max(0, ...states.map((state) => COMPONENT_STATES.indexOf(state)))
  return COMPONENT_STATES[worst] ?? 'operational'
}

/** By what was found of one incident. Only names that the team has chosen for the public. */
export function affectedComponents(
  findings: readonly Finding[],
  components: readonly PublicComponent[],
): string[] {
  const found = findings.flatMap(({ trigger, key }) => [trigger as string, key])
  const named = components.filter(({ affectedBy }) => affectedBy.some((name) => found.includes(name)))
  // Nobody has said what this one concerns: in doubt, everything.
  return (named.length > 0 ? named : components).map(({ name }) => name)
}

/** The words for customers, made of nothing but the facts for customers. */
export function impactSentence({ impact, components }: PublicFacts): string {
  return components.length === 0 ? IMPACT_WORDS[impact] : `${components.join(', ')}: ${IMPACT_WORDS[impact]}`
}

/** Whether data was lost, how much, or that none was: said to customers, too, and in no word of the database's own. */
export function publicDataSentence({ data }: Pick<Incident, 'data'>, corrupt: boolean): string {
  if (data.lost === null)
    return corrupt ? 'Some data may be affected; we are finding out how much.' : 'No data was lost.'
  if (/^none\b/.test(data.lost)) return 'No data was lost.'
  const since = /\((\d{4}-\d\d-\d\d)T(\d\d:\d\d)/.exec(data.lost)
  const what =
    since === null
      ? 'Some data that was written shortly before is missing.'
      : `Data that was written after ${since[1]} ${since[2]} UTC, and before we went back, is missing.`
  const rows = data.salvaged.flatMap(({ tables }) => tables).reduce((sum, table) => sum + table.rows, 0)
  if (rows > 0) return `${what} ${rows} entries of it have been brought back.`
  return data.restored?.kept === null || data.restored === null
    ? what
    : `${what} It is kept, and can be brought back.`
}
