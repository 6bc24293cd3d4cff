import { type QuickOptions, quickJudge } from './quick-judge.ts'
import type { NamedRule } from './rules.ts'

export const ALPHA = 1e-3
export const ALLOWED = 0.05
export const SHARES = [0.06, 0.1, 0.3, 1]
export const RATES = [0.1, 1, 10, 100, 1_000]
/** Requests of one healthy run. */
export const HEALTHY_REQUESTS = 100_000

const ours = (name: string, options: QuickOptions, how: string): NamedRule => ({
  name,
  make: () => quickJudge(options),
  how,
})

/** As `deploy` and `watch` use it. */
export const byDefault = ours(
  'lastgood',
  { slotSeconds: 5, arrival: true },
  'the default: 5 s slots, and in the first minute after the switch 1 s slots as well',
)
export const steady = ours(
  'lastgood, later',
  { slotSeconds: 5, arrival: false },
  'the same without a first minute: what has long been serving',
)
export const byRequest = ours(
  'lastgood, by request',
  { slotSeconds: 'request', arrival: false },
  '`--slot request`: every request is a bet',
)
