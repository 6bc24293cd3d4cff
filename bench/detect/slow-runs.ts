import {
  addCounts,
  DEFAULT_POLICY,
  type JudgePolicy,
  type LatencyCounts,
  latencyOf,
  startJudge,
} from '../../src/domain/evidence/index.ts'
import { type Draws, drawsFrom } from './draws.ts'

/** Latencies around 20 ms, lognormal. */
export interface Shape {
  spread: number
  baseline: number
}

const MEDIAN_MS = 20
const PER_SECOND = 10

const MOST_REQUESTS = 20_000

export function slowness() {
  const shapes = [
    { spread: 0.5, baseline: 2_000 },
    { spread: 0.5, baseline: 50_000 },
    { spread: 1, baseline: 50_000 },
  ]
  return (['request', 5_000] as const).flatMap((slotMs) =>
    shapes.map((shape) => ({
      ...shape,
      slotMs,
      cells: [1, 1.5, 2, 3, 5].map((times) => {
        const draws = drawsFrom(7)
        const runs = times <= 1.5 ? 10 : 40
        const all = Array.from({ length: runs }, () =>
          requestsToSlow(shape, times, { most: MOST_REQUESTS, slotMs, draws }),
        )
        const found = all.flatMap((each) => each ?? [])
        return {
          times,
          runs,
          found: found.length,
          mean: found.reduce((sum, each) => sum + each, 0) / found.length,
        }
      }),
    })),
  )
}

/** Requests until a release so many times slower is called bad; null: not within `most`. */
function requestsToSlow(
  { spread, baseline }: Shape,
  times: number,
  { most, slotMs, draws }: { most: number; slotMs: JudgePolicy['slotMs']; draws: Draws },
): number | null {
  const draw = (factor: number, count: number): LatencyCounts =>
    latencyOf(Array.from({ length: count }, () => MEDIAN_MS * factor * Math.exp(spread * draws.normal())))
  let state = startJudge({ ...DEFAULT_POLICY, slotMs }, { baseline: draw(1, baseline), switchedAt: null })
  while (state.requests < most) {
    const look = { requests: PER_SECOND, errors: 0, latency: draw(times, PER_SECOND) }
    state = addCounts(state, (state.at ?? 0) + 1_000, look)
    if (state.slow !== null && state.slow.state.bad !== null) return state.requests
  }
  return null
}
