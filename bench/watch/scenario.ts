import type { Sample } from '../../lab/traffic/sample.ts'
import { hasFailed } from '../../lab/traffic/sample.ts'

/** A bad release of the store, and which of its answers are bad ones. */
export type Scenario = {
  name: string
  tag: string
  /** What has to be bad about an answer of the bad release; it never serves: null. */
  isBad: ((sample: Sample) => boolean) | null
  /** What has to come, from the first bad answer to the last one, ms; null: nothing was promised. */
  targetMs: number | null
  /** From the first bad answer to the verdict, ms. */
  decideMs: number | null
}

/** As in the configuration of the bench. */
export const PROBE_PERIOD_MS = 5_000

export const SCENARIOS: Scenario[] = [
  { name: 'total', tag: 'bad-total', isBad: hasFailed, targetMs: 6_000, decideMs: 4_000 },
  { name: 'errors', tag: 'bad-errors', isBad: hasFailed, targetMs: null, decideMs: null },
  { name: 'slow', tag: 'bad-slow', isBad: () => true, targetMs: null, decideMs: null },
  {
    name: 'checkout',
    tag: 'bad-checkout',
    isBad: hasFailed,
    targetMs: 2 * PROBE_PERIOD_MS + 3_000,
    decideMs: null,
  },
  { name: 'crash-on-boot', tag: 'bad-crash-on-boot', isBad: null, targetMs: null, decideMs: null },
  { name: 'never-ready', tag: 'bad-never-ready', isBad: null, targetMs: null, decideMs: null },
]
