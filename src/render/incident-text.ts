import type { CheckedItem } from '../domain/incident/checklist.ts'
import { PHASE_TITLES, PHASES } from '../domain/incident/checklist-items.ts'
import type { Impact, Incident } from '../domain/incident/incident.ts'
import { severityName } from '../domain/incident/severity.ts'
import type { TimelineEntry } from '../domain/incident/timeline.ts'
import { formatMs, formatTable, wrap } from './format.ts'

/** `2026-03-01 03:00:21`; everywhere UTC, so that everybody names the same moment. */
export function showTime(at: string): string {
  return at.slice(0, 19).replace('T', ' ')
}

export function spanOf(from: string | null, to: string | null): string | null {
  return from === null || to === null ? null : formatMs(Math.max(0, Date.parse(to) - Date.parse(from)))
}

export function incidentLine({ id, severity, state, title, drill }: Incident): string {
  return `${id}  ${severityName(severity)}  ${state}${drill ? '  [DRILL]' : ''}  ${oneLine(title)}`
}

/** In order of what happened, not of when it was written down. */
export function inOrder(timeline: readonly TimelineEntry[]): TimelineEntry[] {
  return [...timeline].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.seq - b.seq))
}

export function describeImpact({ requests, failed, gapMs, databaseUnavailableMs }: Impact): string[] {
  const share = requests ? ` (${((100 * (failed ?? 0)) / requests).toFixed(1)} %)` : ''
  return [
    ...(requests === null ? [] : [`${failed ?? 0} of ${requests} requests failed${share}`]),
    ...(gapMs === null
      ? []
      : [gapMs === 0 ? 'no request was lost by the switch' : `nothing listened for ${formatMs(gapMs)}`]),
    ...(databaseUnavailableMs === null ? [] : [`no database for ${formatMs(databaseUnavailableMs)}`]),
  ]
}

const MARKS: Record<CheckedItem['state'], string> = {
  proven: '✓',
  ticked: '✓',
  needless: '–',
  skipped: '–',
  open: ' ',
}

export function checklistLines(items: readonly CheckedItem[], width: number): string[] {
  return PHASES.flatMap((phase) => [
    `  ${PHASE_TITLES[phase]}`,
    ...formatTable(
      items
        .filter((item) => item.phase === phase)
        .map(({ state, id, text, seq }) => [
          `   [${MARKS[state]}]`,
          id,
          `${state === 'skipped' ? 'skipped by ' : ''}${oneLine(text ?? '')}${seq === null ? '' : ` (event ${seq})`}`,
        ]),
      width,
    ),
  ])
}

export function incidentLines(
  incident: Incident,
  items: readonly CheckedItem[],
  now: number,
  width: number,
): string[] {
  const { times, roles, data, impact } = incident
  const end = times.resolved ?? new Date(now).toISOString()
  const impacts = [...describeImpact(impact), ...impact.texts.map(({ text }) => oneLine(text))]
  const facts: [string, string | null][] = [
    [
      'severity',
      `${severityName(incident.severity)}${incident.severityConfirmed ? '' : ', not confirmed by anybody'}`,
    ],
    [
      'release',
      `${incident.release ?? 'unknown'}${incident.target === null ? '' : ` -> ${incident.target}`}`,
    ],
    ['deployed', times.deployed],
    ['failing since', times.failingSince],
    ['detected', times.detected],
    ['acknowledged', times.acknowledged ?? 'by nobody yet: lastgood incident ack'],
    ['rolled back', times.rollbackStarted],
    ['verified', times.verified],
    ['resolved', times.resolved],
    ['lasts', spanOf(times.failingSince ?? times.detected, end)],
    ['impact', impacts.join('; ') || 'not assessed'],
    ['data lost', data.lost ?? 'nothing was rolled back'],
    [
      'roles',
      Object.entries(roles)
        .map(([role, person]) => `${role} ${person}`)
        .join(', ') || null,
    ],
    ['eta', incident.eta],
    ['next update', incident.nextUpdate],
    ['review', incident.review === null || incident.review.cancelled !== null ? null : incident.review.start],
  ]
  const shown = facts.flatMap(([name, value]) => {
    if (value === null) return []
    const words = /^\d{4}-\d\d-\d\dT/.test(value) ? `${showTime(value)} UTC` : value
    return hanging(`  ${name.padEnd(15)}`, words, width)
  })
  return [
    incidentLine(incident),
    ...shown,
    '',
    ...checklistLines(items, width),
    '',
    '  Timeline (UTC)',
    ...inOrder(incident.timeline).flatMap((entry) => timelineLines(entry, width)),
  ]
}

function timelineLines(entry: TimelineEntry, width: number): string[] {
  const { seq, at, recordedAt, text, actor, kind, correctedBy } = entry
  const late = isLate(entry) ? ` (written down ${showTime(recordedAt)})` : ''
  const wrong = correctedBy === null ? '' : ` [put right by event ${correctedBy}]`
  const who = kind === 'person' ? `${actor}: ` : ''
  const head = `   ${showTime(at).slice(5)}  #${String(seq).padEnd(5)} `
  return hanging(head, `${who}${text}${late}${wrong}`, width)
}

/** Written down long enough afterwards that a reader has to know. */
export function isLate({ at, recordedAt }: Pick<TimelineEntry, 'at' | 'recordedAt'>): boolean {
  return Date.parse(recordedAt) - Date.parse(at) > 60_000
}

/** Goes on below where it began. */
function hanging(head: string, text: string, width: number): string[] {
  const lines = wrap(oneLine(text), Math.max(20, width - head.length))
  return lines.map((line, i) => (i === 0 ? head : ' '.repeat(head.length)) + line)
}

/** What people and programs have written may hold anything: on the terminal it is one line, without control characters. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is meant
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g, ' ').trim()
}
