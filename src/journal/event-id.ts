import { randomBytes } from 'node:crypto'

/** Unique, and sorts by time: 9 digits of base 36 are milliseconds until the year 5188. */
export function createEventId(now: number): string {
  return `${now.toString(36).padStart(9, '0')}-${randomBytes(8).toString('hex')}`
}
