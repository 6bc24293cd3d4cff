import type { Report } from '../report.ts'
import { median, spread } from '../statistics.ts'
import { markdownTable } from '../table.ts'
import type { Judge, WatchRun } from './measure-watch.ts'
import { PROBE_PERIOD_MS, type Scenario } from './scenario.ts'

export type WatchResult = { judge: Judge; scenario: Scenario; rate: number; runs: WatchRun[] }

export function reportWatch(results: WatchResult[]): Report {
  const rows = results.map(({ judge, scenario, rate, runs }) => [
    scenario.name,
    `${rate}`,
    judge.name,
    seconds(runs.map(({ decidedMs }) => decidedMs)),
    seconds(runs.map(({ badMs }) => badMs)),
    spread(runs.map(({ badAnswers }) => badAnswers)),
    spread(runs.map(({ failedOtherwise }) => failedOtherwise)),
    scenario.targetMs === null ? '' : `${scenario.targetMs / 1000}`,
  ])
  const head = [
    'release',
    'requests/s',
    'judge',
    'decided, s',
    'over, s',
    'bad answers',
    'other failures',
    'target, s',
  ]
  const judges = [...new Map(results.map(({ judge }) => [judge.name, judge])).values()]
  return {
    bench: 'watch',
    title: 'Watch',
    lines: [
      'Each bad release of the store is put out under traffic by somebody who judges it. Both times are counted from the first bad',
      'answer a shopper had: to the verdict, and to the last bad answer; median (least-most). "Other failures" are failed answers',
      'that the bad release did not give. `crash-on-boot` and `never-ready` never serve, so there is no bad answer. Flows are tried',
      `every ${PROBE_PERIOD_MS / 1000} s. The baseline for \`slow\` has about 6,000 requests or more.`,
      '',
      ...markdownTable([head, ...rows]),
      '',
      ...judges.map(({ name, does }) => `- \`${name}\`: ${does}`),
      '',
      'Targets:',
      '',
      ...judge(results),
    ],
    document: {
      bench: 'watch',
      results: results.map(({ judge: { name }, scenario, rate, runs }) => ({
        judge: name,
        release: scenario.tag,
        requestsPerSecond: rate,
        targetMs: scenario.targetMs,
        runs,
      })),
    },
  }
}

function judge(results: WatchResult[]): string[] {
  return results.flatMap(({ judge: { name }, scenario, rate, runs }) => {
    if (name !== 'lastgood' && name !== 'deploy-watch') return []
    const medianOf = (of: 'badMs' | 'decidedMs') =>
      median(runs.flatMap((run) => (run[of] === null ? [] : [run[of]])))
    const say = (what: string, found: number, target: number | null) => {
      if (target === null) return []
      const [is, wanted] = [found / 1000, target / 1000].map((value) => value.toFixed(1))
      return [
        `- ${name}, ${scenario.name} at ${rate}/s ${what} within ${wanted} s (${is}): ${found <= target ? 'met' : 'NOT met'}`,
      ]
    }
    return [
      ...say('decided', medianOf('decidedMs'), scenario.decideMs),
      ...say('over', medianOf('badMs'), scenario.targetMs),
    ]
  })
}

function seconds(values: (number | null)[]): string {
  const known = values.flatMap((value) => (value === null ? [] : [value / 1000]))
  return known.length === 0 ? '-' : spread(known, 1)
}
