import type { FindingId } from './finding.ts'
import type { ReleaseId } from './release.ts'

/** `v1`, `v2`, ... in the order they were reached. */
export type VerdictId = string

/** `roll-back`: at `actAt`, unless it is called off · `ask`: a person decides · `hold`: nothing is proven to help; it pages. */
export type Decision = 'roll-back' | 'ask' | 'hold'

export interface VerdictFacts {
  id: VerdictId
  /** What the verdict is on. */
  release: ReleaseId
  findings: FindingId[]
  decision: Decision
  /** Where it would go back to; null: nowhere. */
  to: ReleaseId | null
  /** One sentence: what was found, or why it holds. */
  reason: string
  /** The rows are damaged: the data goes back too. */
  corrupt: boolean
  actAt: string | null
}

export interface Verdict extends VerdictFacts {
  decidedAt: string
  by: string
  ended: { at: string; by: string; how: VerdictEnd; reason: string } | null
}

/** `recovered`: the signal did · `superseded`: another verdict, or another release, took its place. */
export type VerdictEnd = 'acted' | 'cancelled' | 'recovered' | 'superseded'

export function nextVerdictId(verdicts: readonly Verdict[]): VerdictId {
  return `v${verdicts.reduce((highest, { id }) => Math.max(highest, Number(id.slice(1))), 0) + 1}`
}

/** The verdict that stands: at most one. */
export function openVerdict(verdicts: readonly Verdict[]): Verdict | null {
  return verdicts.findLast(({ ended }) => ended === null) ?? null
}
