import { formatMs } from '../format.ts'
import { showTime, spanOf } from '../incident-text.ts'
import { stagesChart, stagesOf } from './charts.ts'
import type { Block } from './report.ts'
import type { ReportInput } from './report-input.ts'

export function composeTimes({ incident, events }: ReportInput): Block[] {
  const { times } = incident
  const named: [string, string | null, readonly string[]][] = [
    ['Deployed', times.deployed, ['ReleaseWentLive']],
    ['Failing since', times.failingSince, ['FindingRecorded', 'IncidentNoted']],
    [
      'Detected',
      times.detected,
      ['FindingRecorded', 'VerdictReached', 'RunStarted', 'IncidentOpened', 'IncidentNoted'],
    ],
    ['Rollback started', times.rollbackStarted, ['RunStarted']],
    ['Acknowledged', times.acknowledged, ['IncidentAcknowledged', 'RunStarted']],
    ['Traffic switched', times.switched, ['StepSucceeded', 'ReleaseWentLive']],
    ['Verified', times.verified, ['VerificationRecorded', 'RunSucceeded']],
    ['Resolved', times.resolved, ['RecoveryJudged', 'IncidentResolved']],
    ['Closed', times.closed, ['IncidentClosed', 'IncidentDismissed']],
  ]
  const known = named.flatMap(([name, at, types]) => (at === null ? [] : [{ name, at, types }]))
  const ordered = known.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  const rows = ordered.map(({ name, at, types }, i) => {
    const found = events.findLast((event) => event.at === at && types.includes(event.type))
    const seq = found?.seq ?? incident.openedBy.seq
    return { cells: [name, `${showTime(at)} UTC`, spanOf(ordered[i - 1]?.at ?? null, at) ?? ''], refs: [seq] }
  })
  const chart = stagesChart(times)
  const words = stagesOf(times).map(({ name, ms }) => `${name} ${formatMs(ms)}`)
  const refs = [...new Set(rows.flatMap((row) => row.refs))]
  return [
    { kind: 'table', label: 'Times', head: ['moment', 'when', 'after the one before'], rows },
    ...(chart === null
      ? []
      : [
          {
            kind: 'chart' as const,
            svg: chart,
            caption: { text: `How long each stage took: ${words.join(', ')}.`, refs },
          },
        ]),
  ]
}
