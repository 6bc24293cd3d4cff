import { addDays, instantOf, parseWallClock, wallClock } from './zoned-time.ts'

const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * A moment as a person types it: `2026-03-01T03:12:00Z`, `2026-03-01 03:12` or `03:12` by the wall clock of `zone`, or how
 * long ago (`past`) or from now on (`future`) it is: `10m`. A time of day is the last such, or the next. Null: it is none.
 */
export function parseMoment(
  text: string,
  now: number,
  zone: string,
  direction: 'past' | 'future',
): number | null {
  const word = text.trim()
  const sign = direction === 'past' ? -1 : 1
  const [, amount, unit] = /^(\d+)\s*([smhd])$/.exec(word) ?? []
  if (amount !== undefined && unit !== undefined) return now + sign * Number(amount) * (UNITS[unit] ?? 0)
  if (/^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(word)) {
    const at = Date.parse(word)
    return Number.isNaN(at) ? null : at
  }
  const wall = parseWallClock(word)
  if (wall !== null) return instantOf(wall, zone)
  const [, hour, minute] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(word) ?? []
  if (hour === undefined || minute === undefined) return null
  const today = { ...wallClock(now, zone), hour: Number(hour), minute: Number(minute) }
  const days = direction === 'past' ? [0, -1] : [0, 1]
  const found = days.map((day) => instantOf(addDays(today, day), zone)).find((at) => (at - now) * sign >= 0)
  return found ?? null
}
