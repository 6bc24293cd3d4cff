import type { Report } from '../report.ts'
import { median, spread } from '../statistics.ts'
import { markdownTable } from '../table.ts'
import type { Run } from './measure-run.ts'
import type { Way, WayName } from './way.ts'

/** Milliseconds from the command to the last request sent that the bad release answered. */
const TARGETS: Partial<Record<WayName, number>> = { lastgood: 1200, 'lastgood-warm': 300 }

export function reportRollback(results: Map<Way, Run[]>, rate: number, where = ''): Report {
  const each = [...results]
  const count = each[0]?.[1].length ?? 0
  return {
    bench: `rollback${where.replaceAll(/\W+/g, '-').toLowerCase()}`,
    title: `Rollback${where}`,
    lines: [
      `The store at ${rate} requests/s over 40 kept-alive connections, 30 % of them take 100 ms and more; it goes from a bad`,
      `release (a part of its answers are 500) to the good one. ${count} runs of each way, in turn. Median (least-most).`,
      '',
      ...markdownTable([
        ['way', 'failed requests', 'last bad answer, ms', 'unavailable, ms', 'command, ms'],
        ...each.map(([way, runs]) => [
          way.name,
          spread(runs.map(({ failedBySwitch }) => failedBySwitch)),
          spread(runs.map(({ lastBadResponseMs }) => lastBadResponseMs)),
          spread(runs.map(({ unavailableMs }) => unavailableMs)),
          spread(runs.map(({ commandMs }) => commandMs)),
        ]),
      ]),
      '',
      '- failed requests: no answer, or a server error that the bad release did not give',
      '- last bad answer: from the command to the last request sent that the bad release answered',
      '- unavailable: the longest time without a single good answer',
      '- command: until it has ended; lastgood has then also verified what serves and emptied the bad release',
      '',
      ...each.map(([{ name, does }]) => `- \`${name}\`: ${does}`),
      ...each.flatMap(describePhases),
      ...(where === '' ? each.flatMap(describeTarget) : each.flatMap(describeContainerTarget)),
    ],
    document: {
      bench: 'rollback',
      ways: each.map(([{ name }, runs]) => ({
        way: name,
        runs: runs.length,
        failedRequests: runs.map(({ failedBySwitch }) => failedBySwitch),
        lastBadResponseMs: runs.map(({ lastBadResponseMs }) => rounded(lastBadResponseMs)),
        unavailableMs: runs.map(({ unavailableMs }) => rounded(unavailableMs)),
      })),
    },
  }
}

function describePhases([{ name }, runs]: [Way, Run[]]): string[] {
  const kinds = Object.keys(runs[0]?.phases ?? {})
  if (kinds.length === 0) return []
  const parts = kinds.map(
    (kind) => `${kind} ${Math.round(median(runs.map(({ phases }) => phases[kind] ?? 0)))}`,
  )
  return ['', `Steps of \`${name}\`, median ms: ${parts.join(', ')}.`]
}

function describeTarget([{ name }, runs]: [Way, Run[]]): string[] {
  const target = TARGETS[name]
  if (target === undefined) return []
  const reached = median(runs.map(({ lastBadResponseMs }) => lastBadResponseMs))
  const failed = runs.reduce((sum, { failedBySwitch }) => sum + failedBySwitch, 0)
  const met = reached <= target && failed === 0 ? 'met' : 'NOT met'
  return ['', `Target of \`${name}\`: no failed request, last bad answer within ${target} ms: ${met}.`]
}

/** A container starts first: what counts is what comes after that. */
function describeContainerTarget([{ name }, runs]: [Way, Run[]]): string[] {
  if (!name.startsWith('lastgood')) return []
  const after = runs.map(
    ({ lastBadResponseMs, phases }) => lastBadResponseMs - (phases['start-candidate'] ?? 0),
  )
  const failed = runs.reduce((sum, { failedBySwitch }) => sum + failedBySwitch, 0)
  const met = Math.max(...after) <= 1_000 && failed === 0 ? 'met' : 'NOT met'
  const figures = `${failed} failed, last bad answer at most ${Math.round(Math.max(...after))} ms after the boot`
  return [
    '',
    `Target of \`${name}\`: no failed request, last bad answer within its boot + 1 s: ${met} (${figures}).`,
  ]
}

const rounded = (ms: number) => Math.round(ms * 10) / 10
