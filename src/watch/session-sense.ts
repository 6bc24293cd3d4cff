import { type Suspicion, suspicion } from './suspicion.ts'

/** Users' sessions against what they were when the release went live. Plain data: it is saved. */
export interface SessionSense {
  at: number
  /** What they were first; null: not counted yet. */
  reference: number | null
  now: number | null
  /** Counts in a row below the line, and at or above it. */
  low: number
  fine: number
  since: number | null
}

export const NO_SESSIONS: SessionSense = {
  at: 0,
  reference: null,
  now: null,
  low: 0,
  fine: 0,
  since: null,
}

const CONFIRMED = 2

/** @param drop share of the reference that may be gone */
export function takeSessions(sense: SessionSense, count: number, drop: number, at: number): SessionSense {
  const reference = sense.reference ?? count
  if (count >= reference * (1 - drop))
    return { at, reference, now: count, low: 0, fine: sense.fine + 1, since: null }
  return { at, reference, now: count, low: sense.low + 1, fine: 0, since: sense.since ?? at }
}

export function senseSessions(sense: SessionSense): Suspicion[] {
  const { reference, now, low, fine, since, at } = sense
  if (reference === null || now === null) return []
  const about = { trigger: 'sessions' as const, evidence: { before: reference, now } }
  if (low >= CONFIRMED && since !== null) {
    const gone = Math.round((1 - now / reference) * 100)
    const summary = `${gone} % of the sessions are gone: ${now} of ${reference}`
    return [suspicion({ ...about, status: 'firing', summary, since })]
  }
  if (fine >= CONFIRMED)
    return [
      suspicion({
        ...about,
        status: 'well',
        summary: `sessions are back: ${now} of ${reference}`,
        since: at,
      }),
    ]
  return []
}
