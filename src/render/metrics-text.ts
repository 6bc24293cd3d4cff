import type { Figure, Metrics } from '../domain/incident/metrics.ts'
import { countOf, formatMs, formatTable } from './format.ts'

export function metricsLines(service: string, metrics: Metrics, days: number): string[] {
  const span = ({ medianMs, n }: Figure) =>
    medianMs === null ? 'nothing measured' : `${formatMs(medianMs)} (median of ${n})`
  const rate = metrics.changeFailRate
  const { incidents, open, drillsLeftOut, deployments, failedDeployments } = metrics
  return [
    `${service}, the last ${countOf(days, 'day')}`,
    ...formatTable(
      [
        [
          '  deployment frequency',
          `${metrics.deploymentFrequency.toFixed(2)} a day (${countOf(deployments, 'deployment')})`,
        ],
        [
          '  change fail rate',
          rate === null
            ? 'nothing was deployed'
            : `${(rate * 100).toFixed(1)} % (${failedDeployments} of ${deployments})`,
        ],
        ['  failed deployment recovery', span(metrics.recovery)],
        ['  time to detect', span(metrics.timeToDetect)],
        ['  time to acknowledge', span(metrics.timeToAcknowledge)],
        ['  time to restore', span(metrics.timeToRestore)],
        [
          '  incidents',
          `${incidents}, ${open} not closed${drillsLeftOut === 0 ? '' : `; ${countOf(drillsLeftOut, 'drill')} left out`}`,
        ],
      ],
      100,
    ),
  ]
}

/** The text format; what has no figure is left out, for a gauge of 0 would be a lie. */
export function prometheusLines(service: string, metrics: Metrics): string[] {
  const label = `{service="${service}"}`
  const gauge = (name: string, help: string, value: number | null) =>
    value === null
      ? []
      : [
          `# HELP lastgood_${name} ${help}`,
          `# TYPE lastgood_${name} gauge`,
          `lastgood_${name}${label} ${value}`,
        ]
  const span = (name: string, help: string, { medianMs, n }: Figure) => [
    ...gauge(`${name}_seconds`, `${help}, median`, medianMs === null ? null : medianMs / 1_000),
    ...gauge(`${name}_samples`, `${help}, how many it is the median of`, n),
  ]
  return [
    ...gauge('deployments', 'Deployments that took traffic in the window', metrics.deployments),
    ...gauge('deployment_frequency_per_day', 'Deployments a day', metrics.deploymentFrequency),
    ...gauge(
      'change_fail_ratio',
      'Share of deployments that led to an incident or were put back',
      metrics.changeFailRate,
    ),
    ...span('failed_deployment_recovery', 'From the deploy to the proof of recovery', metrics.recovery),
    ...span('time_to_detect', 'From the first failure to its detection', metrics.timeToDetect),
    ...span('time_to_acknowledge', 'From the detection to somebody having it', metrics.timeToAcknowledge),
    ...span('time_to_restore', 'From the detection to the proof of recovery', metrics.timeToRestore),
    ...gauge('incidents', 'Incidents in the window, drills left out', metrics.incidents),
    ...gauge('incidents_unclosed', 'Incidents in the window that are not closed', metrics.open),
  ]
}
