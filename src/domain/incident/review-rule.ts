import { addDays, instantOf, type WallClock, wallClock, weekday } from '../zoned-time.ts'
import type { Severity } from './words.ts'

export interface ReviewRule {
  timeZone: string
  /** `10:00`, by the wall clock of `timeZone`. */
  time: string
  minutes: number
}

/** SEV-1 within three days of the calendar, everything else within five business days. */
const WORST_DAYS = 3
const BUSINESS_DAYS = 5

/** The first working day that leaves a night to sleep, at the usual time; never past the limit. */
export function reviewStart(severity: Severity, resolvedAt: number, rule: ReviewRule): number {
  const [hour = 0, minute = 0] = rule.time.split(':').map(Number)
  const today = { ...wallClock(resolvedAt, rule.timeZone), hour, minute }
  const days = Array.from({ length: 14 }, (_, n) => addDays(today, n + 1))
  const limit = reviewLimit(severity, resolvedAt, rule.timeZone)
  const fits = (day: WallClock) => instantOf(day, rule.timeZone) <= limit
  // A SEV-1 on a Friday evening is spoken about on the weekend rather than too late.
  const day =
    days.find((candidate) => isWorkday(candidate) && fits(candidate)) ??
    days.findLast(fits) ??
    addDays(today, 1)
  return instantOf(day, rule.timeZone)
}

/** The last moment the rule allows. */
export function reviewLimit(severity: Severity, resolvedAt: number, timeZone: string): number {
  const wall = wallClock(resolvedAt, timeZone)
  if (severity === 1) return instantOf(addDays(wall, WORST_DAYS), timeZone)
  let day = wall
  for (let left = BUSINESS_DAYS; left > 0; ) {
    day = addDays(day, 1)
    if (isWorkday(day)) left--
  }
  return instantOf(day, timeZone)
}

function isWorkday(day: WallClock): boolean {
  const number = weekday(day)
  return number !== 0 && number !== 6
}
