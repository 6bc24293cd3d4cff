import type { EvidenceCourse } from '../domain/finding.ts'
import { momentOf, type Scale, scaleOf, timesOf, zoneOf } from './evidence-scale.ts'

const ROWS = 10
const LABEL_WIDTH = 9

/**
 * Evidence against time, for a terminal. It is drawn as it was: it changes at the end of a slot and stays until the next. No
 * line where there is no course to draw.
 */
export function evidenceChart(course: EvidenceCourse, width: number): string[] {
  const scale = scaleOf(course)
  if (scale === null) return []
  const columns = Math.max(20, width - LABEL_WIDTH - 3)
  const rowOf = (logE: number) => {
    const part = (scale.top - Math.min(scale.top, Math.max(scale.bottom, logE))) / (scale.top - scale.bottom)
    return Math.round(part * (ROWS - 1))
  }
  const rows = Array.from({ length: ROWS }, () => new Array<string>(columns).fill(' '))
  const line = rows[rowOf(course.threshold)]
  line?.fill('╌')
  draw(rows, rowsAt(scale, columns).map(rowOf))
  if (scale.crossed) {
    const end = rows[rowOf(scale.points.at(-1)?.logE ?? 0)]
    end?.splice(columns - 1, 1, '●')
  }
  const labels = new Map(scale.ticks.map(({ logE, label }) => [rowOf(logE), label]))
  const needed = timesOf(course.threshold)
  labels.set(rowOf(course.threshold), needed)
  const has = timesOf(scale.points.at(-1)?.logE ?? 0)
  return [
    `  evidence ${has} (${needed} is enough)${zoneOf(scale.to)}`,
    ...rows.map((row, i) => {
      const label = labels.get(i)
      return `${(label ?? '').padStart(LABEL_WIDTH)} ${label === undefined ? '│' : '┤'}${row.join('')}`.trimEnd()
    }),
    ...timeAxis(scale, columns),
  ]
}

/** The evidence in each column: what it was at the end of it. */
function rowsAt({ points, from, to }: Scale, columns: number): number[] {
  let next = 0
  let logE = points[0]?.logE ?? 0
  return Array.from({ length: columns }, (_, column) => {
    const until = from + ((to - from) * column) / (columns - 1)
    for (let point = points[next]; point !== undefined && point.at <= until; point = points[++next]) {
      logE = point.logE
    }
    return logE
  })
}

function draw(rows: string[][], at: readonly number[]): void {
  for (const [column, row] of at.entries()) {
    const before = at[column - 1] ?? row
    const put = (where: number, sign: string) => rows[where]?.splice(column, 1, sign)
    if (before === row) {
      put(row, '─')
      continue
    }
    const up = row < before
    put(before, up ? '╯' : '╮')
    put(row, up ? '╭' : '╰')
    for (let between = Math.min(row, before) + 1; between < Math.max(row, before); between++)
      put(between, '│')
  }
}

function timeAxis({ from, to }: Scale, columns: number): string[] {
  const middle = Math.floor((columns - 1) / 2)
  const axis = Array.from({ length: columns }, (_, i) => ([0, middle, columns - 1].includes(i) ? '┬' : '─'))
  const [left, centre, right] = [from, (from + to) / 2, to].map(momentOf)
  const words = new Array<string>(columns).fill(' ')
  const write = (text: string, start: number) => words.splice(Math.max(0, start), text.length, ...text)
  write(left ?? '', 0)
  write(centre ?? '', middle - Math.floor((centre?.length ?? 0) / 2))
  write(right ?? '', columns - (right?.length ?? 0))
  const indent = ' '.repeat(LABEL_WIDTH + 1)
  return [`${indent}└${axis.join('')}`, `${indent} ${words.join('')}`.trimEnd()]
}
