import type { Drift } from '../domain/incident/runbook-diff.ts'
import { escapeMarkdown } from './report/escape.ts'

const TITLES: Record<Drift['kind'], string> = {
  skipped: 'In the runbook, and not done: take it out, or say why it matters',
  added: 'Done, and not in the runbook: write it in, or make it a step',
  'over-time': 'Slower than expected: change the figure, or the step',
}

const MARKS: Record<Drift['kind'], string> = { skipped: '-', added: '+', 'over-time': '~' }

/** Markdown with a block in the colours of a diff, to be pasted into the change of the runbook. */
export function runbookDiff(incident: string, drifts: readonly Drift[]): string {
  const kinds = (Object.keys(TITLES) as Drift['kind'][]).filter((kind) =>
    drifts.some((drift) => drift.kind === kind),
  )
  const sections = kinds.flatMap((kind) => [
    `## ${TITLES[kind]}`,
    '',
    ...drifts.filter((drift) => drift.kind === kind).map((drift) => `- \`${MARKS[kind]}\` ${lineOf(drift)}`),
    '',
  ])
  return [
    `# Runbook against ${incident}`,
    '',
    ...(kinds.length === 0 ? ['It was done as the runbook says.', ''] : sections),
  ].join('\n')
}

function lineOf({ what, detail, seq }: Drift): string {
  const why = detail === '' ? '' : ` (${escapeMarkdown(detail)})`
  return `${escapeMarkdown(what)}${why}${seq === null ? '' : `, event ${seq}`}`
}
