import type { EvidenceCourse } from '../domain/finding.ts'
import { momentOf, type Scale, scaleOf, timesOf, zoneOf } from './evidence-scale.ts'

const WIDTH = 720
const HEIGHT = 320
const PLOT = { left: 76, right: WIDTH - 24, top: 56, bottom: HEIGHT - 44 }
const TIMES = 5

/** It brings its own ground: a viewer may be white although the reader prefers dark. */
const STYLE = `
  .evidence { color: #1f2328; font: 13px system-ui, sans-serif; }
  .evidence text { fill: currentColor; }
  .evidence .ground { fill: #ffffff; }
  .evidence .quiet { opacity: 0.7; font-size: 12px; }
  .evidence .head { font-weight: 600; font-size: 15px; }
  .evidence .grid { stroke: currentColor; opacity: 0.12; }
  .evidence .axis { stroke: currentColor; opacity: 0.5; }
  .evidence .line { stroke: #c8322b; stroke-dasharray: 6 4; stroke-width: 1.5; }
  .evidence .line-word { fill: #c8322b; font-size: 12px; }
  .evidence .course { fill: none; stroke: #0b62c4; stroke-width: 2; stroke-linejoin: round; }
  .evidence .under { fill: #0b62c4; opacity: 0.1; }
  .evidence .end { fill: #c8322b; }
  @media (prefers-color-scheme: dark) {
    .evidence { color: #e6edf3; }
    .evidence .ground { fill: #0d1117; }
    .evidence .line { stroke: #ff7b72; }
    .evidence .line-word, .evidence .end { fill: #ff7b72; }
    .evidence .course { stroke: #6cb6ff; }
    .evidence .under { fill: #6cb6ff; }
  }`

/** The same course as a picture that stands alone: no script, no font, nothing from elsewhere. */
export function evidenceSvg(course: EvidenceCourse, title: string): string {
  const scale = scaleOf(course)
  const body =
    scale === null ? [words(PLOT.left, HEIGHT / 2, 'Nothing was counted yet.')] : draw(course, scale)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" class="evidence">`,
    `<title>${escapeXml(title)}</title>`,
    `<desc>${escapeXml(describe(course, scale))}</desc>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="ground" width="${WIDTH}" height="${HEIGHT}" rx="6"/>`,
    words(PLOT.left, 26, cutTitle(title), 'head'),
    ...body,
    '</svg>',
    '',
  ].join('\n')
}

function draw(course: EvidenceCourse, scale: Scale): string[] {
  const x = (at: number) =>
    PLOT.left + ((at - scale.from) / (scale.to - scale.from)) * (PLOT.right - PLOT.left)
  const y = (logE: number) => {
    const within = Math.min(scale.top, Math.max(scale.bottom, logE))
    return PLOT.bottom - ((within - scale.bottom) / (scale.top - scale.bottom)) * (PLOT.bottom - PLOT.top)
  }
  const enough = y(course.threshold)
  const path = steps(scale, x, y)
  const last = scale.points.at(-1)
  return [
    words(PLOT.left, 44, `Evidence: what 1 that was bet on a fault has become${zoneOf(scale.to)}`, 'quiet'),
    ...scale.ticks.flatMap(({ logE, label }) => [
      level(y(logE), 'grid'),
      `<text x="${PLOT.left - 8}" y="${round(y(logE) + 4)}" text-anchor="end">${label}</text>`,
    ]),
    ...Array.from({ length: TIMES }, (_, i) => scale.from + ((scale.to - scale.from) * i) / (TIMES - 1)).map(
      (at, i) =>
        `<text x="${round(x(at))}" y="${PLOT.bottom + 20}" text-anchor="${anchors[i] ?? 'middle'}" class="quiet">${momentOf(at)}</text>`,
    ),
    level(PLOT.bottom, 'axis'),
    `<path class="under" d="${path} L${round(x(scale.to))} ${PLOT.bottom} L${PLOT.left} ${PLOT.bottom} Z"/>`,
    `<path class="course" d="${path}"/>`,
    level(enough, 'line'),
    words(PLOT.left + 6, enough - 6, `${timesOf(course.threshold)} is enough`, 'line-word'),
    ...(scale.crossed && last !== undefined
      ? [`<circle class="end" cx="${round(x(last.at))}" cy="${round(y(last.logE))}" r="4.5"/>`]
      : []),
  ]
}

const anchors = ['start', 'middle', 'middle', 'middle', 'end']

/** It changes at the end of a slot, and stays until the end of the next. */
function steps({ points }: Scale, x: (at: number) => number, y: (logE: number) => number): string {
  const [first, ...rest] = points
  if (first === undefined) return ''
  const moves = rest.map(({ at, logE }) => `H${round(x(at))} V${round(y(logE))}`)
  return [`M${round(x(first.at))} ${round(y(first.logE))}`, ...moves].join(' ')
}

function describe({ threshold }: EvidenceCourse, scale: Scale | null): string {
  const last = scale?.points.at(-1)
  if (scale === null || last === undefined) return 'Nothing was counted yet.'
  const { requests, bad, logE } = last
  const over = scale.crossed ? `reaches ${timesOf(logE)}` : `is ${timesOf(logE)}`
  return `From ${momentOf(scale.from)} to ${momentOf(scale.to)}. The evidence ${over}; ${timesOf(threshold)} is enough. Seen until then: ${requests} answers, ${bad} of them bad.`
}

function level(at: number, name: string): string {
  return `<line class="${name}" x1="${PLOT.left}" x2="${PLOT.right}" y1="${round(at)}" y2="${round(at)}"/>`
}

function words(x: number, y: number, text: string, name?: string): string {
  const style = name === undefined ? '' : ` class="${name}"`
  return `<text x="${x}" y="${round(y)}"${style}>${escapeXml(text)}</text>`
}

/** A line holds about so many letters of the head. */
const cutTitle = (title: string) => (title.length <= 84 ? title : `${title.slice(0, 83)}…`)
const round = (value: number) => Math.round(value * 10) / 10

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escapeXml(text: string): string {
  // Control characters are no XML at all.
  const clean = [...text].filter((sign) => sign >= ' ').join('')
  return clean.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign)
}
