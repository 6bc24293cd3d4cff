/** The seed's three lists, and where the team's own items belong. */
export const PHASES = ['before', 'during', 'after'] as const

export type Phase = (typeof PHASES)[number]

export const PHASE_TITLES: Record<Phase, string> = {
  before: 'Pre-Rollback',
  during: 'During Rollback',
  after: 'Post-Rollback',
}

export interface ChecklistItem {
  id: string
  phase: Phase
  title: string
  /** Which event ticks it, in words; the rule itself is in `evidence.ts`. Null: only a person does. */
  proof: string | null
}

/** One of the team's own: ticked by a person. */
export interface TeamItem {
  id: string
  phase: Phase
  title: string
}

const item = (phase: Phase, id: string, title: string, proof: string): ChecklistItem => ({
  id,
  phase,
  title,
  proof,
})

export const CHECKLIST: readonly ChecklistItem[] = [
  item(
    'before',
    'severity-confirmed',
    'Severity confirmed',
    'a person acknowledges the incident, or sets its severity',
  ),
  item(
    'before',
    'impact-assessed',
    'Impact assessed',
    'a finding with counted requests, or a person says it',
  ),
  item('before', 'team-notified', 'Team notified', 'a message or a page has reached a sink'),
  item('before', 'version-identified', 'Rollback version identified', 'a verdict or a plan names it'),
  item('before', 'communication-prepared', 'Communication prepared', 'a message was written, or an update'),
  item(
    'during',
    'application-rolled-back',
    'Application stopped/rolled back',
    'traffic is on another release',
  ),
  item(
    'during',
    'database-rolled-back',
    'Database rolled back (if needed)',
    'the swap, the migrations, or the plan that needs none',
  ),
  item(
    'during',
    'cache-cleared',
    'Cache cleared (if needed)',
    'the step clear-cache, or a run without one to clear',
  ),
  item(
    'during',
    'services-restarted',
    'Services restarted',
    'what was left has stopped, and the other serves',
  ),
  item('during', 'team-updated', 'Team updated', 'a message after the switch has reached a sink'),
  item('after', 'service-verified', 'Service verified working', 'a verification that passed'),
  item('after', 'metrics-normalized', 'Metrics normalized', 'the evidence says that it has recovered'),
  item('after', 'users-notified', 'Users notified', 'the status page or a public message says so'),
  item('after', 'incident-documented', 'Incident documented', 'the report is written'),
  item('after', 'post-mortem-scheduled', 'Post-mortem scheduled', 'the review has a date'),
]

export type ItemId =
  | 'severity-confirmed'
  | 'impact-assessed'
  | 'team-notified'
  | 'version-identified'
  | 'communication-prepared'
  | 'application-rolled-back'
  | 'database-rolled-back'
  | 'cache-cleared'
  | 'services-restarted'
  | 'team-updated'
  | 'service-verified'
  | 'metrics-normalized'
  | 'users-notified'
  | 'incident-documented'
  | 'post-mortem-scheduled'
