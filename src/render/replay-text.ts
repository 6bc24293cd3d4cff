import type { JudgePolicy, Outcome, TriggerJudgement } from '../domain/evidence/index.ts'
import type { Counting } from '../domain/replay/counting.ts'
import type { Replayed } from '../domain/replay/replayer.ts'
import { evidenceChart } from './evidence-chart.ts'
import { countOf, formatMs, wrap } from './format.ts'

export interface ReplayReport {
  file: string
  results: readonly Replayed[]
  policy: JudgePolicy
  counting: Counting
  lines: number
}

/** Bad when a release is, fine when every one is. */
export function outcomeOf(results: readonly Replayed[]): Outcome {
  const outcomes = results.map(({ judgement }) => judgement.outcome)
  if (outcomes.includes('bad')) return 'bad'
  return outcomes.length > 0 && outcomes.every((outcome) => outcome === 'fine') ? 'fine' : 'undecided'
}

/** What the judge would have found, and when. */
export function replayLines(report: ReplayReport, width: number): string[] {
  const { file, results, policy, counting, lines } = report
  const slots = policy.slotMs === 'request' ? 'one bet a request' : `one bet in ${formatMs(policy.slotMs)}`
  const kind = counting === 'total' ? 'totals' : 'what is new in each'
  return [
    ...wrap(
      `${file}: ${countOf(lines, 'line')}, taken as ${kind}. At most ${percent(policy.errorRate)} errors, at most ${percent(policy.slowdown)} slower, ${slots}, false alarm ${policy.alpha}.`,
      width,
    ),
    ...(results.length === 0 ? ['', 'Nothing in it can be judged.'] : []),
    ...results.flatMap((each) => ['', ...releaseLines(each, width)]),
  ]
}

const WORDS: Record<Outcome, string> = {
  bad: 'proven bad: it would have gone back',
  fine: 'proven fine',
  undecided: 'not decided',
}

function releaseLines({ release, judgement }: Replayed, width: number): string[] {
  const { outcome, triggers, needs, requests, baseline } = judgement
  const more = needs === null ? '' : `, ${countOf(needs, 'more request')} needed at this rate`
  return [
    `${release}  ${WORDS[outcome]}${outcome === 'undecided' ? more : ''}, ${countOf(requests, 'request')}`,
    ...triggers.flatMap((trigger) => triggerLines(trigger, width)),
    ...(baseline !== null && baseline.needs > 0
      ? [
          `  The baseline is too small for the slowest answers: ${countOf(baseline.needs, 'more request')} needed.`,
        ]
      : []),
  ]
}

function triggerLines(judged: TriggerJudgement, width: number): string[] {
  const { trigger, outcome, firedAt, allowed, limit, leastPossible, veto } = judged
  // A fault that came late is not the run's whole share.
  const { requests, bad, share } = outcome === 'bad' && judged.fault !== null ? judged.fault : judged
  const what = limit === null ? 'server errors' : `slower than ${Math.round(limit.ms)} ms`
  const seen =
    share === null
      ? 'no request'
      : `${bad} of ${requests} (${percent(share)}) were ${what}; ${percent(allowed)} may be`
  const when = outcome === 'undecided' || firedAt === null ? '' : `at ${firedAt / 1000} s: `
  const least =
    outcome !== 'bad' || leastPossible === null
      ? []
      : [
          `    no judge could have told from fewer than ${countOf(Math.ceil(leastPossible), 'request')}, in the mean`,
        ]
  const vetoed = {
    'both-sick': '    not called bad: the other release that serves is sick as well',
    'not-worse': '    not called bad: the other release that serves is no better',
  }
  return [
    ...wrap(`  ${trigger}: ${OUTCOMES[outcome]} ${when}${seen}`, width, '    '),
    ...least,
    ...(veto === null ? [] : [vetoed[veto]]),
    ...(outcome === 'bad'
      ? ['', ...evidenceChart({ threshold: judged.threshold, points: judged.history }, width), '']
      : []),
  ]
}

const OUTCOMES: Record<Outcome, string> = { bad: 'bad', fine: 'fine', undecided: 'not yet,' }

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`
}
