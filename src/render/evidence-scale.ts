import type { EvidenceCourse } from '../domain/finding.ts'

type Point = EvidenceCourse['points'][number]

/** What a chart of evidence shows, whatever it is drawn with. */
export interface Scale {
  /** In the order of time; the first is where the chart begins. */
  points: readonly Point[]
  from: number
  to: number
  /** Natural logarithms. */
  bottom: number
  top: number
  /** Powers of ten, with their words. */
  ticks: readonly { logE: number; label: string }[]
  /** It ends where it has crossed the line. */
  crossed: boolean
}

/** Below this nothing is to be seen but that there is no evidence. */
const LOWEST = Math.log(0.1)
/** Evidence that goes on growing under a veto would press the line to the ground. */
const MOST_OF_THRESHOLD = 1.5
const MOST_TICKS = 6
/** So much of what came before the rise is shown: twice as long as it took. */
const BEFORE_RISE = 2

/** Null: one point is no course. */
export function scaleOf({ threshold, points: all }: EvidenceCourse): Scale | null {
  const points = theRise(all, threshold)
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined || last.at <= first.at) return null
  const values = points.map(({ logE }) => logE)
  const highest = Math.max(threshold, ...values)
  const top = Math.min(highest, threshold * MOST_OF_THRESHOLD) * 1.06
  const bottom = Math.max(LOWEST, Math.min(0, ...values))
  return {
    points,
    from: first.at,
    to: last.at,
    bottom,
    top,
    ticks: ticksOf(bottom, top),
    crossed: last.logE >= threshold,
  }
}

/** A release may have been well for hours: what matters then is how the evidence rose, and a while before. */
function theRise(points: readonly Point[], threshold: number): readonly Point[] {
  const last = points.at(-1)
  if (last === undefined || last.logE < threshold) return points
  const calm = points.findLastIndex(({ logE }) => logE <= 0.5)
  const beganAt = points[calm]?.at
  if (beganAt === undefined) return points
  const from = last.at - (1 + BEFORE_RISE) * (last.at - beganAt)
  return points.slice(
    Math.max(
      0,
      points.findIndex(({ at }) => at >= from),
    ),
  )
}

function ticksOf(bottom: number, top: number): { logE: number; label: string }[] {
  const [lowest, highest] = [bottom, top].map((logE) => logE / Math.LN10)
  const from = Math.ceil((lowest ?? 0) - 1e-9)
  const to = Math.floor(highest ?? 0)
  const step = Math.max(1, Math.ceil((to - from + 1) / MOST_TICKS))
  const powers = Array.from(
    { length: Math.max(0, Math.floor((to - from) / step) + 1) },
    (_, i) => from + i * step,
  )
  return powers.map((power) => ({ logE: power * Math.LN10, label: powerOfTen(power) }))
}

function powerOfTen(power: number): string {
  if (power < 0) return (10 ** power).toFixed(-power)
  return power <= 6 ? (10 ** power).toLocaleString('en') : `10^${power}`
}

/** `1,204`: what 1 that was bet on a fault has become. */
export function timesOf(logE: number): string {
  // A thousand is a thousand, whatever its logarithm was rounded to.
  const times = Math.exp(logE) * (1 + 1e-9)
  if (times < 10) return `${Number(times.toPrecision(2))}`
  return times < 1e7 ? Math.floor(times).toLocaleString('en') : `10^${Math.floor(logE / Math.LN10)}`
}

/** A date and time has twelve digits or more in ms; anything smaller is seconds of a recording. */
const isDate = (at: number) => Math.abs(at) >= 1e11

/** `03:10:05`, or `612.5 s`. */
export function momentOf(at: number): string {
  return isDate(at) ? new Date(at).toISOString().slice(11, 19) : `${Number((at / 1000).toFixed(1))} s`
}

export function zoneOf(at: number): string {
  return isDate(at) ? ', times in UTC' : ''
}
