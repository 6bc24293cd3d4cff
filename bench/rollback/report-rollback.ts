import type { Report } from '../report.ts'
import { median, spread } from '../statistics.ts'
import { markdownTable } from '../table.ts'
import type { Run } from './measure-run.ts'
import { TASK_BOOT } from './swarm-ways.ts'
import type { Way, WayName } from './way.ts'

/** Milliseconds from the command to the last request sent that the bad release answered. */
const TARGETS: Partial<Record<WayName, number>> = { lastgood: 1200, 'lastgood-warm': 300 }

export function reportRollback(results: Map<Way, Run[]>, rate: number, where = ''): Report {
  const each = [...results]
  return {
    bench: `rollback${where.replaceAll(/\W+/g, '-').toLowerCase()}`,
    title: `Rollback${where}`,
    lines: [
      `The store at ${rate} requests/s over 40 kept-alive connections, 30 % of them take 100 ms and more; it goes from a bad`,
      `release (a part of its answers are 500) to the good one. ${describeRuns(each)}, in turn. Median (least-most).`,
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
        bootMs: runs.map(({ bootMs }) => bootMs),
      })),
    },
  }
}

/** `5 runs of each way`, or `20 runs of lastgood, 5 of compose-up` */
function describeRuns(each: [Way, Run[]][]): string {
  const counts = new Set(each.map(([, runs]) => runs.length))
  if (counts.size === 1) return `${[...counts][0]} runs of each way`
  return each.map(([{ name }, runs], n) => `${runs.length}${n === 0 ? ' runs' : ''} of ${name}`).join(', ')
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

/** After the boot of what serves then. */
const PATIENCE_MS = 1_000

/** A container starts first: what counts is what comes after that. */
function describeContainerTarget([way, runs]: [Way, Run[]]): string[] {
  const { name } = way
  if (runs[0] !== undefined && TASK_BOOT in runs[0].phases) return describeSwarmTarget(way, runs)
  if (!name.startsWith('lastgood')) return []
  const boots = runs.flatMap(({ bootMs }) => bootMs ?? [])
  const bootOf = ({ bootMs, phases }: Run) => bootMs ?? phases['start-candidate'] ?? 0
  const after = runs.map((run) => Math.round(run.lastBadResponseMs - bootOf(run)))
  const failed = runs.reduce((sum, { failedBySwitch }) => sum + failedBySwitch, 0)
  const requests = runs.reduce((sum, run) => sum + run.requests, 0)
  const within = after.filter((ms) => ms <= PATIENCE_MS).length
  const met = median(after) <= PATIENCE_MS && failed === 0 ? 'met' : 'NOT met'
  const figures = [
    `${failed} of ${requests.toLocaleString('en')} requests failed in ${runs.length} rollbacks`,
    `last bad answer ${spread(after)} ms after the boot, within 1 s in ${within} of ${runs.length}`,
  ]
  const boot =
    boots.length === 0
      ? []
      : [
          `A container by itself (\`docker run\`, under the same requests) was ready after ${spread(boots)} ms.`,
          '',
        ]
  return [
    '',
    ...boot,
    `Target of \`${name}\`: no failed request, last bad answer within its boot + 1 s: ${met} (${figures.join(', ')}).`,
  ]
}

/** The tasks that serve boot after the command: the target is that and a second. Beside it stands the swarm's own way. */
function describeSwarmTarget({ name }: Way, runs: Run[]): string[] {
  const failed = runs.reduce((sum, { failedBySwitch }) => sum + failedBySwitch, 0)
  const requests = runs.reduce((sum, run) => sum + run.requests, 0)
  const after = runs.map(({ lastBadResponseMs, phases }) =>
    Math.round(lastBadResponseMs - (phases[TASK_BOOT] ?? 0)),
  )
  const within = after.filter((ms) => ms <= PATIENCE_MS).length
  const figures = [
    `${failed} of ${requests.toLocaleString('en')} requests failed in ${runs.length} rollbacks`,
    `last bad answer ${spread(after)} ms after the boot of a task, within 1 s in ${within} of ${runs.length}`,
  ].join(', ')
  if (!name.startsWith('lastgood')) return ['', `\`${name}\`: ${figures}.`]
  const met = failed === 0 && median(after) <= PATIENCE_MS ? 'met' : 'NOT met'
  const target = 'no failed request, last bad answer within the boot of a task + 1 s'
  return ['', `Target of \`${name}\`: ${target}: ${met} (${figures}).`]
}

const rounded = (ms: number) => Math.round(ms * 10) / 10
