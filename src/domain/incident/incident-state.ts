import type { Incident, IncidentState } from './incident.ts'

/** The state is what the facts make it; nobody sets it. */
export function deriveState({
  times,
  runs,
  dismissal,
}: Pick<Incident, 'times' | 'runs' | 'dismissal'>): IncidentState {
  if (dismissal !== null) return 'dismissed'
  if (times.closed !== null) return 'closed'
  if (times.resolved !== null) return 'resolved'
  const last = runs.at(-1)
  if (last?.status === 'running') return 'mitigating'
  if (last?.status === 'succeeded') return 'monitoring'
  // One that was put back or stopped has mended nothing.
  return times.acknowledged === null ? 'open' : 'acknowledged'
}
