import { type Incident, isUnclosed } from './incident.ts'
import type { IncidentId } from './words.ts'

/** A change that took traffic: what the share of failed ones is counted of. */
export interface Deployment {
  release: string
  at: string
  /** It was put back after it had taken traffic. */
  putBack: boolean
}

/** Median of those that have the figure, and how many they are; null: none has. */
export interface Figure {
  medianMs: number | null
  n: number
}

export interface Metrics {
  from: string
  until: string
  deployments: number
  /** Deployments a day. */
  deploymentFrequency: number
  failedDeployments: number
  /** Null: nothing was deployed. */
  changeFailRate: number | null
  /** From the deploy to the proof that what serves is well. */
  recovery: Figure
  /** Its parts: from the deploy to the failure's first sign, to its detection, and from there to the proof. */
  timeToDetect: Figure
  timeToAcknowledge: Figure
  timeToRestore: Figure
  incidents: number
  open: number
  drillsLeftOut: number
  /** Which incident each figure is from. */
  of: IncidentId[]
}

/** The DORA measures of a span of time. Drills are left out; what has no figure is not counted as zero. */
export function measure(
  deployments: readonly Deployment[],
  incidents: readonly Incident[],
  span: { from: number; until: number },
): Metrics {
  const within = (at: string) => Date.parse(at) >= span.from && Date.parse(at) < span.until
  const deployed = deployments.filter(({ at }) => within(at))
  const all = incidents.filter(({ times, state }) => within(times.detected) && state !== 'dismissed')
  const real = all.filter(({ drill }) => !drill)
  const failed = deployed.filter(
    ({ release, putBack }) => putBack || real.some((incident) => incident.release === release),
  )
  const between = (from: keyof Incident['times'], to: keyof Incident['times']) => figure(real, from, to)
  const days = (span.until - span.from) / 86_400_000
  return {
    from: new Date(span.from).toISOString(),
    until: new Date(span.until).toISOString(),
    deployments: deployed.length,
    deploymentFrequency: days > 0 ? deployed.length / days : 0,
    failedDeployments: failed.length,
    changeFailRate: deployed.length === 0 ? null : failed.length / deployed.length,
    recovery: between('deployed', 'verified'),
    timeToDetect: between('failingSince', 'detected'),
    timeToAcknowledge: between('detected', 'acknowledged'),
    timeToRestore: between('detected', 'verified'),
    incidents: real.length,
    open: real.filter(isUnclosed).length,
    drillsLeftOut: all.length - real.length,
    of: real.map(({ id }) => id),
  }
}

function figure(
  incidents: readonly Incident[],
  from: keyof Incident['times'],
  to: keyof Incident['times'],
): Figure {
  const spans = incidents.flatMap(({ times }) => {
    const [begin, end] = [times[from], times[to]]
    return begin === null || end === null ? [] : [Math.max(0, Date.parse(end) - Date.parse(begin))]
  })
  return { medianMs: median(spans), n: spans.length }
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  const [lower, upper] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return lower === undefined || upper === undefined ? null : Math.round((lower + upper) / 2)
}
