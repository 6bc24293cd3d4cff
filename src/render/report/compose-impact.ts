import type { Incident } from '../../domain/incident/incident.ts'
import { describeImpact } from '../incident-text.ts'
import { findingChart } from './charts.ts'
import { type Block, type Sentence, says } from './report.ts'
import type { ReportInput } from './report-input.ts'
import { seqsOf } from './said-by.ts'

export function composeImpact({ incident, state }: ReportInput): Block[] {
  const { impact, openedBy } = incident
  const numbers = describeImpact(impact).map((text) => says(`${sentence(text)}.`, impact.seq ?? openedBy.seq))
  const texts = impact.texts.map(({ text, by, seq }) => says(`${by}: ${text}`, seq))
  const findings = state.findings.filter(({ id }) => incident.findings.includes(id))
  const seqs = seqsOf(incident, 'FindingRecorded')
  const charts = findings.flatMap((finding, i): Block[] => {
    const svg = findingChart(finding, incident.times)
    const caption = says(`${finding.id}, ${finding.trigger}: ${finding.summary}.`, seqs[i] ?? openedBy.seq)
    return svg === null ? [{ kind: 'text', sentences: [caption] }] : [{ kind: 'chart', svg, caption }]
  })
  const all = [...numbers, ...texts]
  const none = says('Nobody has counted or said it.', openedBy.seq)
  return [{ kind: 'list', items: all.length === 0 ? [none] : all }, ...charts]
}

export function tellData({ data, openedBy, runs }: Incident): Sentence[] {
  const { lost, restored, migrationsTakenDown, salvaged } = data
  const first = data.seq ?? openedBy.seq
  return [
    says(
      lost === null ? 'Nothing was rolled back, so no data was lost by it.' : `Data lost: ${lost}.`,
      first,
    ),
    ...(migrationsTakenDown === null
      ? []
      : [says(`Migrations taken down: ${migrationsTakenDown.names.join(', ')}.`, migrationsTakenDown.seq)]),
    ...(restored === null
      ? []
      : [
          says(
            `${restored.checkpoint} took the place of the database${restored.kept === null ? '' : `; the damaged one is kept as ${restored.kept}${restored.keptUntil === null ? '' : ` until ${restored.keptUntil}`}`}.`,
            restored.seq,
          ),
        ]),
    ...salvaged.map(({ tables, seq }) =>
      says(
        `Salvaged: ${tables.map(({ table, rows }) => `${rows} rows of ${table}`).join(', ') || 'no row'}.`,
        seq,
      ),
    ),
    ...(restored !== null && salvaged.length === 0
      ? [
          says(
            'What was written after the checkpoint has not been brought back: lastgood salvage.',
            restored.seq,
          ),
        ]
      : []),
    ...(runs.length === 0
      ? []
      : [
          says(
            `The database was ${restored === null && migrationsTakenDown === null ? 'not changed' : 'changed'} by the rollback.`,
            runs.at(-1)?.startedSeq ?? first,
          ),
        ]),
  ]
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
