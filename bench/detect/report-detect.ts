import { lowerBound } from '../../src/domain/evidence/index.ts'
import type { Report } from '../report.ts'
import { markdownTable } from '../table.ts'
import type { costs } from './cost.ts'
import type { HealthyRow, hoursFromSwitch, hoursWithSpells, spellsInFirstMinute } from './measure-false.ts'
import type { requestsToVerdict, SpeedRow, speedsInSpells } from './measure-speed.ts'
import { IN_A_ROW, others } from './rules.ts'
import { ALLOWED, ALPHA, byDefault, byRequest, HEALTHY_REQUESTS, RATES, SHARES, steady } from './scenario.ts'
import type { slowness } from './slow-runs.ts'
import type { TimeToVerdict } from './time-to-verdict.ts'

export interface Findings {
  requests: ReturnType<typeof requestsToVerdict>
  atStart: SpeedRow[]
  later: SpeedRow[]
  inSpells: ReturnType<typeof speedsInSpells>
  healthy: HealthyRow[]
  spells: ReturnType<typeof hoursWithSpells>
  fromSwitch: ReturnType<typeof hoursFromSwitch>
  firstMinute: ReturnType<typeof spellsInFirstMinute>
  slow: ReturnType<typeof slowness>
  cost: ReturnType<typeof costs>
}

const TARGET_RATIO = 1.35
const TARGET_SPELLS = 1e-3

export function reportDetect(found: Findings): Report {
  return {
    bench: 'detect',
    title: 'Detect',
    lines: [
      'The judge is told of simulated requests, a second at a time; seeds are fixed. Allowed are 5 % errors, alpha is 1e-3. What',
      'it is compared with decides on the same requests:',
      '',
      ...[byDefault, byRequest, steady, ...others].map(({ name, how }) => `- \`${name}\`: ${how}`),
      `- \`${IN_A_ROW} in a row\`: so many failed requests one after the other`,
      '',
      ...requestLines(found.requests),
      '',
      ...speedLines('Seconds to a verdict, the fault is there from the start', found.atStart),
      '',
      ...speedLines(
        'Seconds to a verdict, the fault begins after ten healthy minutes (0.2 % errors)',
        found.later,
      ),
      '',
      ...spellSpeedLines(found.inSpells),
      '',
      ...healthyLines(found.healthy),
      '',
      ...spellLines(found.spells),
      '',
      ...firstMinuteLines(found),
      '',
      ...slowLines(found.slow),
      '',
      ...costLines(found.cost),
      '',
      ...targetLines(found),
    ],
    document: { bench: 'detect', ...found },
  }
}

const percent = (share: number) => `${Number((share * 100).toFixed(2))} %`
const number = (value: number, digits = 0) =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
const seconds = (value: number) => (value < 10 ? number(value, 1) : number(value))

function requestLines(rows: Findings['requests']): string[] {
  return [
    `### Requests to a verdict`,
    '',
    `\`${byRequest.name}\`, one look a request, from the start. Least possible: ln(1 / alpha) / KL(p || 5 %).`,
    '',
    ...markdownTable([
      ['errors', 'least possible', 'mean', 'times the least', '95 of 100 within'],
      ...rows.map(({ share, bound, mean, ratio, p95 }) => [
        percent(share),
        number(bound, 1),
        number(mean, 1),
        number(ratio, 2),
        number(p95),
      ]),
    ]),
  ]
}

function speedLines(title: string, rows: SpeedRow[]): string[] {
  const lines = RATES.flatMap((rps, rate) => [
    [
      `${rps}`,
      '_least possible_',
      ...SHARES.map((share) => seconds(Math.max(1, lowerBound(ALPHA, share, ALLOWED)) / rps)),
    ],
    ...rows.map(({ name, cells }) => [`${rps}`, name, ...(cells[rate] ?? []).map(speedCell)]),
  ])
  return [
    `### ${title}`,
    '',
    'Mean; in brackets the share of runs that were called bad before there was a fault.',
    '',
    ...markdownTable([
      ['requests/s', 'rule', ...SHARES.map((share) => `${percent(share)} errors`)],
      ...lines,
    ]),
  ]
}

function speedCell({ meanSeconds, tooEarly, never, runs }: TimeToVerdict): string {
  const wrong = tooEarly === 0 ? '' : ` (${percent(tooEarly / runs)})`
  if (meanSeconds === Number.POSITIVE_INFINITY) return never === 0 ? `-${wrong}` : `not in 11 days${wrong}`
  const missed = never === 0 ? '' : `, ${percent(never / runs)} not in 11 days`
  return `${meanSeconds > 1e7 ? '> 100 days' : seconds(meanSeconds)}${missed}${wrong}`
}

function spellSpeedLines(rows: Findings['inSpells']): string[] {
  return [
    '### Seconds to a verdict, the fault comes and goes',
    '',
    'Ten healthy minutes at 10 requests/s, then spells of 10 s in which all requests fail, with pauses between.',
    '',
    ...markdownTable([
      ['rule', '10 % of the time', '30 % of the time'],
      ...rows.map(({ name, cells }) => [name, ...cells.map(speedCell)]),
    ]),
  ]
}

function healthyLines(rows: HealthyRow[]): string[] {
  return [
    `### False rollbacks: healthy runs of ${number(HEALTHY_REQUESTS)} requests`,
    '',
    'Errors are independent, at 1 % and at 3 %: both are allowed.',
    '',
    ...markdownTable([
      ['rule', 'requests/s', 'runs', 'called bad at 1 %', 'called bad at 3 %'],
      ...rows.map(({ name, rps, runs, wrong }) => [
        name,
        `${rps}`,
        number(runs),
        ...wrong.map((each) => number(each)),
      ]),
    ]),
  ]
}

function spellLines(rows: Findings['spells']): string[] {
  const [first] = rows
  const columns = first?.cells.map(({ seconds: length, rps }) => `${length} s, ${rps}/s`) ?? []
  const hours = rows.map(({ cells }) => cells[0]?.hours ?? 0)
  return [
    '### False rollbacks: healthy hours with bursts',
    '',
    'All is well but for spells of 2 s or 10 s in which every request fails, 1 % of the time on average. Share of the hours in',
    `which the release is called bad, by length of the spells and requests a second (of ${number(hours[0] ?? 0)} hours; the rules below the first: of ${number(hours[1] ?? 0)}).`,
    '',
    ...markdownTable([
      ['rule', ...columns],
      ...rows.map(({ name, cells }) => [name, ...cells.map(({ wrong, hours: of }) => percent(wrong / of))]),
    ]),
  ]
}

function firstMinuteLines({ firstMinute, fromSwitch }: Findings): string[] {
  const [first] = firstMinute
  const shares = fromSwitch.map(({ rps, wrong, hours }) => `${percent(wrong / hours)} at ${rps}/s`).join(', ')
  return [
    '### What the first minute adds',
    '',
    'It convicts what is dead on arrival within 3 s, so for as long it takes a spell for a fault. Share of releases that are',
    'called bad for one spell of nothing but errors at 10 requests/s, by its length and by when after the switch it begins:',
    '',
    ...markdownTable([
      ['spell', ...(first?.cells.map(({ start }) => `${start} s after`) ?? [])],
      ...firstMinute.map(({ length, cells }) => [`${length} s`, ...cells.map(({ bad }) => percent(bad))]),
    ]),
    '',
    `In the hours with 10 s spells above, begun with a switch: ${shares}.`,
  ]
}

function slowLines(rows: Findings['slow']): string[] {
  const [first] = rows
  return [
    '### Slowness: requests to a verdict',
    '',
    'Allowed are 50 % above the baseline. Lognormal latencies, 10 requests/s; at 1x and 1.5x how many of the runs of 20,000',
    'requests were called bad.',
    '',
    ...markdownTable([
      ['bets', 'spread', 'baseline', ...(first?.cells.map(({ times }) => `${times}x`) ?? [])],
      ...rows.map(({ spread, baseline, slotMs, cells }) => [
        slotMs === 'request' ? 'by request' : '5 s slots',
        `${spread}`,
        number(baseline),
        ...cells.map(({ times, runs, found, mean }) =>
          times <= 1.5
            ? `${found} of ${runs}`
            : `${found === 0 ? 'none' : number(mean)}${found === runs ? '' : ` (${percent(found / runs)})`}`,
        ),
      ]),
    ]),
  ]
}

function costLines({ instances, msPerSecond, slots, sizes, heapGrowth }: Findings['cost']): string[] {
  const grown = slots
    .map((count, i) => `${number(sizes[i] ?? 0)} bytes after ${number(count)} slots`)
    .join(', ')
  return [
    '### Cost',
    '',
    `${number(instances)} instances, each judged by itself once a second, errors and latencies: ${number(msPerSecond, 1)} ms of one core a`,
    `second. What is kept of one: ${grown}; the heap grew by ${number(heapGrowth / 1024)} kB over the last million.`,
  ]
}

function targetLines({ requests, healthy, spells, cost }: Findings): string[] {
  const worst = Math.max(...requests.map(({ ratio }) => ratio))
  const wrong = healthy
    .filter(({ name }) => name.startsWith('lastgood'))
    .flatMap(({ wrong: each }) => each)
    .reduce((sum, each) => sum + each, 0)
  const [ours] = spells
  const inSpells = Math.max(...(ours?.cells.map(({ wrong: each, hours }) => each / hours) ?? [1]))
  const flat = (cost.sizes.at(-1) ?? 0) <= (cost.sizes[1] ?? 0) * 1.1
  return [
    'Targets:',
    '',
    `- mean requests to a verdict at most ${TARGET_RATIO} times the least possible, without knowing the rate (${number(worst, 2)} at worst): ${said(worst <= TARGET_RATIO)}`,
    `- no false rollback in 10,000 healthy runs of ${number(HEALTHY_REQUESTS)} requests at 1 % and at 3 % (${number(wrong)}): ${said(wrong === 0)}`,
    `- at most 0.1 % of the hours with 10 s bursts at a mean of 1 % (${percent(inSpells)} at worst): ${said(inSpells <= TARGET_SPELLS)}`,
    `- 1,000 instances judged once a second on one core (${percent(cost.msPerSecond / 1_000)} of it): ${said(cost.msPerSecond < 1_000)}`,
    `- memory flat over 1,000,000 slots: ${said(flat && cost.heapGrowth < 2 ** 20)}`,
  ]
}

const said = (met: boolean) => (met ? 'met' : 'NOT met')
