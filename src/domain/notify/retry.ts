import type { Occasion } from './message.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** After the first failure, the second, ...; the last one holds from there on. */
const PAUSES = [2, 8, 30, 120, 480, 900].map((seconds) => seconds * SECOND)

/** "Resolved" may come late, but it comes, and so does an invite. Anything else is history by then. */
const GIVE_UP_MS = 2 * 60 * MINUTE
const GIVE_UP_LATE_MS = 24 * 60 * MINUTE
const MAY_BE_LATE: ReadonlySet<Occasion> = new Set(['resolved', 'dismissed', 'review'])

/** Where the other side never says that it arrived, the end of an incident is said this often, after these pauses. */
const AGAIN = [MINUTE, 5 * MINUTE]

export interface Attempt {
  /** Tells this delivery from others, so that they do not all come back at the same moment. */
  key: string
  /** The one that has just failed, from 1. */
  attempt: number
  occasion: Occasion
  queuedAt: number
  now: number
  /** What the other side asks for (Retry-After); null: nothing. Never undercut. */
  afterMs: number | null
}

/** When it is tried again, epoch ms; null: no more. A pure schedule: the same attempt has the same answer. */
export function nextAttemptAt({ key, attempt, occasion, queuedAt, now, afterMs }: Attempt): number | null {
  const pause = PAUSES[Math.min(attempt, PAUSES.length) - 1] ?? MINUTE
  const spread = jitter(`${key}#${attempt}`)
  const wait =
    afterMs === null ? pause * (0.8 + 0.4 * spread) : afterMs + Math.min(afterMs, pause) * 0.1 * spread
  const at = Math.ceil(now + wait)
  const longest = MAY_BE_LATE.has(occasion) ? GIVE_UP_LATE_MS : GIVE_UP_MS
  return at - queuedAt > longest ? null : at
}

/** When something that was taken, and never confirmed, is said again, epoch ms; null: it is enough. */
export function sayAgainAt(attempt: number, now: number): number | null {
  const pause = AGAIN[attempt - 1]
  return pause === undefined ? null : now + pause
}

/** 0 to 1, from the text alone (FNV-1a, mixed at the end). */
function jitter(text: string): number {
  let hash = 0x811c9dc5
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return ((hash ^ (hash >>> 12)) >>> 0) / 2 ** 32
}
