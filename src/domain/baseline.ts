import type { LatencyCounts } from './evidence/counts.ts'
import type { ReleaseId } from './release.ts'

/** What a release was like while it served without a finding: what the next one is compared with. */
export interface Baseline {
  release: ReleaseId
  requests: number
  errors: number
  latency: LatencyCounts | null
  /** Resident memory of its largest instance, bytes; null where nobody told. */
  rss: number | null
}
