import type { Finding } from '../../domain/finding.ts'
import type { IncidentTimes } from '../../domain/incident/incident.ts'
import { formatMs } from '../format.ts'
import { escapeHtml } from './escape.ts'

const WIDTH = 720

/** Which time begins which stage, and what it is called. */
const STAGES: [keyof IncidentTimes, keyof IncidentTimes, string][] = [
  ['deployed', 'failingSince', 'unnoticed and well'],
  ['failingSince', 'detected', 'failing, not detected'],
  ['detected', 'rollbackStarted', 'detected, not begun'],
  ['rollbackStarted', 'switched', 'rollback until the switch'],
  ['switched', 'verified', 'being verified'],
  ['verified', 'resolved', 'until it was proven'],
]

export interface Stage {
  name: string
  from: string
  ms: number
}

export function stagesOf(times: IncidentTimes): Stage[] {
  return STAGES.flatMap(([from, to, name]) => {
    const [begin, end] = [times[from], times[to]]
    if (begin === null || end === null || end < begin) return []
    return [{ name, from: begin, ms: Date.parse(end) - Date.parse(begin) }]
  })
}

/** One bar from the first sign to the end, a row a stage; colours come from the page, and are not what tells them apart. */
export function stagesChart(times: IncidentTimes): string | null {
  const stages = stagesOf(times).filter(({ name }) => name !== 'unnoticed and well')
  const [first] = stages
  const last = stages.at(-1)
  if (first === undefined || last === undefined) return null
  const start = Date.parse(first.from)
  const whole = Math.max(1, Date.parse(last.from) + last.ms - start)
  const left = 200
  const scale = (WIDTH - left - 90) / whole
  const rows = stages.map(({ name, from, ms }, i) => {
    const x = left + (Date.parse(from) - start) * scale
    const y = 8 + i * 26
    const width = Math.max(2, ms * scale)
    return [
      `<text x="${left - 8}" y="${y + 13}" text-anchor="end">${escapeHtml(name)}</text>`,
      `<rect class="bar" x="${fixed(x)}" y="${y}" width="${fixed(width)}" height="18" rx="2"/>`,
      `<text x="${fixed(x + width + 6)}" y="${y + 13}">${formatMs(ms)}</text>`,
    ].join('')
  })
  const words = stages.map(({ name, ms }) => `${name} ${formatMs(ms)}`).join(', ')
  return svg(`How long each stage took: ${words}`, 16 + stages.length * 26, rows.join(''))
}

/** Failed and answered requests between the looks of the judge, and the moments that matter. */
export function findingChart(finding: Finding, times: IncidentTimes): string | null {
  const points = finding.course?.points ?? []
  const slots = points.slice(1).map((point, i) => {
    const before = points[i]
    const requests = point.requests - (before?.requests ?? 0)
    const bad = point.bad - (before?.bad ?? 0)
    return { from: before?.at ?? point.at, to: point.at, requests, bad }
  })
  const [first] = points
  const last = points.at(-1)
  if (first === undefined || last === undefined || slots.length === 0 || last.at <= first.at) return null
  const [left, top, height, right] = [50, 24, 150, 10]
  const most = Math.max(1, ...slots.map(({ requests }) => requests))
  const x = (at: number) => left + ((at - first.at) / (last.at - first.at)) * (WIDTH - left - right)
  const y = (count: number) => top + height - (Math.max(0, count) / most) * height
  const bars = slots.map(({ from, to, requests, bad }) => {
    const [begin, width] = [x(from), Math.max(1, x(to) - x(from) - 1)]
    const bar = (kind: string, count: number) =>
      `<rect class="${kind}" x="${fixed(begin)}" y="${fixed(y(count))}" width="${fixed(width)}" height="${fixed(top + height - y(count))}"/>`
    return bar('bar', requests) + bar('bad', bad)
  })
  const moments: [string, string | null][] = [
    ['failing', times.failingSince],
    ['detected', times.detected],
    ['switched', times.switched],
  ]
  const marks = moments.flatMap(([name, at]) => {
    const place = at === null ? Number.NaN : x(Date.parse(at))
    if (!(place >= left && place <= WIDTH - right)) return []
    const anchor = place > WIDTH - 80 ? 'end' : 'start'
    return `<line class="mark" x1="${fixed(place)}" y1="${top - 8}" x2="${fixed(place)}" y2="${top + height}"/><text x="${fixed(place)}" y="12" text-anchor="${anchor}">${name}</text>`
  })
  const axis = [
    `<line class="axis" x1="${left}" y1="${top + height}" x2="${WIDTH - right}" y2="${top + height}"/>`,
    `<text x="${left - 6}" y="${top + 8}" text-anchor="end">${most}</text>`,
    `<text x="${left - 6}" y="${top + height}" text-anchor="end">0</text>`,
    `<text x="${left}" y="${top + height + 18}">${clockOf(first.at)}</text>`,
    `<text x="${WIDTH - right}" y="${top + height + 18}" text-anchor="end">${clockOf(last.at)}</text>`,
  ]
  const title = `Requests answered and failed between two looks: at the end ${last.bad} of ${last.requests} had failed`
  return svg(title, top + height + 28, [...bars, ...marks, ...axis].join(''))
}

function svg(title: string, height: number, inside: string): string {
  return `<svg role="img" viewBox="0 0 ${WIDTH} ${height}" xmlns="http://www.w3.org/2000/svg" aria-label="${escapeHtml(title)}"><title>${escapeHtml(title)}</title>${inside}</svg>`
}

function fixed(value: number): string {
  return String(Math.round(value * 10) / 10)
}

function clockOf(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)} UTC`
}
