import type { Invariant } from '../domain/watch-configuration.ts'
import type { InvariantResult } from '../ports/invariants.ts'
import { type Suspicion, suspicion } from './suspicion.ts'

/** What is remembered of one invariant. Plain data: it is saved. */
export interface InvariantSense {
  /** Epoch ms of the last answer. */
  at: number
  /** Violations in a row; one that cannot be asked neither counts nor breaks the row. */
  violations: number
  /** Good answers in a row. */
  passes: number
  /** When the first violation of the row was seen. */
  since: number | null
  /** Of the last answer. */
  evidence: string
}

export const NEW_INVARIANT: InvariantSense = {
  at: 0,
  violations: 0,
  passes: 0,
  since: null,
  evidence: 'not asked yet',
}

/** A single look can fall between two writes that belong together, or on a replica that lags. */
const CONFIRMED = 2

export function takeInvariant(sense: InvariantSense, result: InvariantResult, now: number): InvariantSense {
  const { outcome, evidence } = result
  if (outcome === 'unknown') return { ...sense, at: now, evidence }
  if (outcome === 'passed') return { at: now, evidence, violations: 0, passes: sense.passes + 1, since: null }
  return { at: now, evidence, violations: sense.violations + 1, passes: 0, since: sense.since ?? now }
}

export function senseInvariant({ name }: Pick<Invariant, 'name'>, sense: InvariantSense): Suspicion[] {
  const { violations, passes, evidence, since, at } = sense
  const about = { trigger: 'corruption' as const, key: name, evidence: { invariant: name, answer: evidence } }
  if (violations >= CONFIRMED && since !== null) {
    const summary = `the data breaks "${name}": ${evidence}, seen in ${violations} snapshots`
    return [suspicion({ ...about, status: 'firing', summary, since })]
  }
  if (passes >= CONFIRMED)
    return [
      suspicion({ ...about, status: 'well', summary: `"${name}" holds in ${passes} snapshots`, since: at }),
    ]
  return []
}

/** After a violation at once, so that it is confirmed or not within seconds. */
export function invariantDue(
  { everyMs }: Pick<Invariant, 'everyMs'>,
  sense: InvariantSense,
  now: number,
): boolean {
  const waitMs = sense.violations === 1 ? Math.min(everyMs, SECOND_LOOK_MS) : everyMs
  return now - sense.at >= waitMs
}

const SECOND_LOOK_MS = 1_000
