import type { Advisory } from '../ports/advisories.ts'
import { type Suspicion, suspicion } from './suspicion.ts'

/** What is known against the packages of what serves. Plain data: it is saved. */
export interface AdvisorySense {
  at: number
  advisories: Advisory[]
  problems: string[]
}

export const NOT_ASKED: AdvisorySense = { at: 0, advisories: [], problems: [] }

export function senseAdvisories({ at, advisories, problems }: AdvisorySense): Suspicion[] {
  if (advisories.length > 0) {
    const [worst] = advisories
    const others = advisories.length === 1 ? '' : ` and ${advisories.length - 1} more`
    return [
      suspicion({
        trigger: 'security',
        status: 'firing',
        summary: `${worst?.package}@${worst?.version} has ${worst?.id} (${worst?.severity}: ${worst?.title})${others}`,
        evidence: {
          advisories: advisories.map((each) => `${each.id} ${each.package}@${each.version}`).join(', '),
        },
        since: at,
      }),
    ]
  }
  // Only who was asked and answered can say that there is nothing.
  if (at === 0 || problems.length > 0) return []
  return [
    suspicion({
      trigger: 'security',
      status: 'well',
      summary: 'no advisory is known against it any more',
      since: at,
    }),
  ]
}
