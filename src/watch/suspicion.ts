import type { Evidence } from '../domain/event.ts'
import type { EvidenceCourse } from '../domain/finding.ts'
import type { Trigger } from '../domain/trigger.ts'

/** What a sense says of one trigger now; a sense that cannot tell says nothing. */
export interface Suspicion {
  trigger: Trigger
  /** Tells two of one trigger apart: the flow, the invariant, the alert. */
  key: string
  /** `firing`: proven. `well`: proven to be over. */
  status: 'firing' | 'well'
  summary: string
  evidence: Evidence
  /** Since when, epoch ms. */
  since: number
  course: EvidenceCourse | null
}

/** Without counting: the check itself is the proof. */
export function suspicion(
  facts: Pick<Suspicion, 'trigger' | 'status' | 'summary' | 'since'> & Partial<Suspicion>,
): Suspicion {
  return { key: '', evidence: {}, course: null, ...facts }
}
