import { describeEvidence } from '../evidence-text.ts'
import { formatMs } from '../format.ts'
import { type Block, says } from './report.ts'
import type { ReportInput } from './report-input.ts'
import { endSeq, resolvedSeq } from './said-by.ts'

export function composeRuns({ incident }: ReportInput): Block[] {
  if (incident.runs.length === 0)
    return [
      {
        kind: 'text',
        sentences: [says(incident.resolution ?? incident.dismissal ?? 'No run was begun.', endSeq(incident))],
      },
    ]
  const runs = incident.runs.flatMap(({ verb, from, to, status, steps, startedSeq, plan }): Block[] => [
    {
      kind: 'text',
      sentences: [
        says(
          `${verb === 'rollback' ? 'Rollback' : 'Deploy'} ${from ?? 'nothing'} -> ${to}: ${status}.`,
          startedSeq,
        ),
        says(`It was to take ${formatMs(plan.eta.ms)} (${plan.eta.source}).`, startedSeq),
      ],
    },
    {
      kind: 'table',
      label: `Steps of the ${verb} to ${to}`,
      head: ['step', 'outcome', 'took', 'evidence'],
      rows: steps.map(({ kind, ok, ms, evidence, seq }) => ({
        cells: [
          kind,
          ok ? 'done' : evidence.putBack === true ? 'put back' : 'failed',
          formatMs(ms),
          describeEvidence(evidence),
        ],
        refs: [seq],
      })),
    },
  ])
  const end = incident.resolution
  return end === null
    ? runs
    : [...runs, { kind: 'text', sentences: [says(`Resolved: ${end}`, resolvedSeq(incident))] }]
}
