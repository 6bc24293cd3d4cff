/** What is all right, and how sure it must be that it is not. */
export interface JudgePolicy {
  /**
   * The chance, for each trigger and release, that a release which keeps to the policy is ever called bad, over all looks.
   * In (0, 0.5). Ten times fewer false verdicts cost a third more requests, not ten times as many.
   */
  alpha: number
  /** The share of server errors that is still all right, in (0, 1). */
  errorRate: number
  /** How much slower than the baseline is still all right: 0.5 is 50 % slower. Above 0. */
  slowdown: number
  /**
   * How long a slot is, in ms: half of how long a total outage is still a blip. However many errors fall into a slot, it is one
   * bet. `'request'`: every request is one; the fastest, where errors never come in bursts.
   */
  slotMs: number | 'request'
}

export const DEFAULT_POLICY: JudgePolicy = { alpha: 1e-3, errorRate: 0.05, slowdown: 0.5, slotMs: 5_000 }

/** @throws RangeError */
export function checkPolicy({ alpha, errorRate, slowdown, slotMs }: JudgePolicy): void {
  if (!(alpha > 0 && alpha < 0.5)) throw new RangeError(`alpha must be above 0 and below 0.5, not ${alpha}`)
  if (!(errorRate > 0 && errorRate < 1))
    throw new RangeError(`the error rate must be above 0 and below 1, not ${errorRate}`)
  if (!(slowdown > 0 && Number.isFinite(slowdown)))
    throw new RangeError(`the slowdown must be above 0, not ${slowdown}`)
  if (slotMs !== 'request' && !(slotMs > 0 && Number.isFinite(slotMs)))
    throw new RangeError(`a slot must be longer than 0 ms, not ${slotMs}`)
}
