import type { Finding } from '../domain/finding.ts'
import type { Run } from '../domain/run.ts'
import type { Verdict } from '../domain/verdict.ts'
import { evidenceChart } from './evidence-chart.ts'
import { formatMs, formatTable, wrap } from './format.ts'

export interface Why {
  finding: Finding
  verdicts: readonly Verdict[]
  /** Begun on those verdicts. */
  runs: readonly Run[]
}

/** A finding in full: what was seen, how it added up, and what came of it. */
export function whyLines({ finding, verdicts, runs }: Why, width: number): string[] {
  const { id, release, trigger, summary, course, cleared, recordedAt, since, by } = finding
  const facts = Object.entries(finding.evidence).map(([name, value]) => [`  ${words(name)}`, String(value)])
  return [
    `${id} against ${release}: ${trigger}`,
    ...wrap(`  ${summary}`, width, '  '),
    '',
    ...formatTable(
      [
        ['  failing since', at(since)],
        [
          '  found',
          `${at(recordedAt)} by ${by}, ${formatMs(Date.parse(recordedAt) - Date.parse(since))} later`,
        ],
        ['  it may', MODES[finding.mode]],
        ...facts,
        ...(cleared === null ? [] : [['  over', `${at(cleared.at)}: ${cleared.reason} (${cleared.by})`]]),
      ],
      width,
    ),
    ...(course === null ? [] : ['', ...evidenceChart(course, width)]),
    '',
    ...verdicts.flatMap((verdict) => wrap(`${verdict.id}  ${whatCame(verdict)}`, width, '    ')),
    ...(verdicts.length === 0 ? ['No verdict was reached on it.'] : []),
    ...runs.flatMap(({ plan, startedAt, status, endedAt }) => {
      const took = endedAt === null ? '' : ` after ${formatMs(Date.parse(endedAt) - Date.parse(startedAt))}`
      return wrap(
        `    the rollback to ${plan.to}, begun ${at(startedAt)}, ${STATUS[status]}${took}`,
        width,
        '    ',
      )
    }),
  ]
}

const MODES = {
  off: 'do nothing: it is not looked at',
  record: 'only be written down',
  ask: 'ask a person for a rollback',
  act: 'roll back by itself, where the policy is act',
}

const STATUS = {
  running: 'is under way, or was cut short',
  succeeded: 'ended well',
  'put-back': 'failed and was put back',
  stopped: 'stopped part way',
}

const at = (iso: string) => `${iso.slice(0, 19).replace('T', ' ')} UTC`

/** `errorShare` -> `error share`. */
const words = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

function whatCame({ decision, to, decidedAt, actAt, ended, reason }: Verdict): string {
  const decided = {
    'roll-back': `to roll back to ${to} at ${actAt === null ? '' : at(actAt)}`,
    ask: `to ask for a rollback to ${to}`,
    hold: `to hold. ${reason}`,
  }
  const how = ended === null ? 'it stands' : `${ended.how} ${at(ended.at)}: ${ended.reason} (${ended.by})`
  return `${at(decidedAt)} ${decided[decision]}; ${how}`
}
