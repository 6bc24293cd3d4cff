/** What a clock on the wall of that place shows. Month and day count from 1. */
export interface WallClock {
  year: number
  month: number
  day: number
  hour: number
  minute: number
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Whether the time zone database knows it: `Europe/Berlin`, `UTC`. */
export function isTimeZone(zone: string): boolean {
  try {
    formatOf(zone)
    return true
  } catch {
    return false
  }
}

/** @throws RangeError for an unknown zone */
export function wallClock(at: number, zone: string): WallClock {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = parts
  return { year, month, day, hour, minute }
}

/**
 * Epoch ms of a wall clock's time. Where the clocks go forward it may never have shown it: the moment is then as much later
 * as the gap is long. Where they go back it has shown it twice: the first is taken.
 */
export function instantOf(wall: WallClock, zone: string): number {
  const wanted = asUtc(wall)
  // The offset a day before and a day after are those on both sides of a change, if there is one.
  const offsets = [-DAY, DAY].map((shift) => offsetAt(wanted + shift, zone))
  const candidates = offsets.map((offset) => wanted - offset).sort((a, b) => a - b)
  return candidates.find((at) => asUtc(wallClock(at, zone)) === wanted) ?? wanted - (offsets[0] ?? 0)
}

/** 0 is Sunday. */
export function weekday({ year, month, day }: Pick<WallClock, 'year' | 'month' | 'day'>): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay()
}

export function addDays(wall: WallClock, days: number): WallClock {
  const date = new Date(Date.UTC(wall.year, wall.month - 1, wall.day + days))
  return { ...wall, year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
}

/** Whole days of the calendar from one date to the other. */
export function daysBetween(one: WallClock, other: WallClock): number {
  const date = ({ year, month, day }: WallClock) => Date.UTC(year, month - 1, day)
  return Math.round((date(other) - date(one)) / DAY)
}

/** `2026-03-01`, or `2026-03-01T09:00`; null for anything else, and for a day that no calendar has. */
export function parseWallClock(text: string): WallClock | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2}))?$/.exec(text.trim())
  if (found === null) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = found.slice(1).map((part) => Number(part ?? 0))
  const wall = { year, month, day, hour, minute }
  return hour < 24 && minute < 60 && addDays(wall, 0).day === day && month >= 1 && month <= 12 ? wall : null
}

/** `2026-03-01 09:00`. */
export function showWallClock({ year, month, day, hour, minute }: WallClock): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}`
}

const DAY = 86_400_000

function asUtc({ year, month, day, hour, minute }: WallClock): number {
  return Date.UTC(year, month - 1, day, hour, minute)
}

function offsetAt(at: number, zone: string): number {
  const whole = Math.floor(at / 60_000) * 60_000
  return asUtc(wallClock(whole, zone)) - whole
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  formats.set(zone, format)
  return format
}
