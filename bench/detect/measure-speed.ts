import { lowerBound } from '../../src/domain/evidence/index.ts'
import { drawsFrom } from './draws.ts'
import { IN_A_ROW, meanUntilInARow, others } from './rules.ts'
import { ALLOWED, ALPHA, byDefault, byRequest, RATES, SHARES } from './scenario.ts'
import { type TimeToVerdict, timeToVerdict } from './time-to-verdict.ts'

/** More shares than the four of the targets: the judge does not know them. */
const ALL_SHARES = [0.06, 0.07, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 1]

/** One look a request: nothing is lost to waiting for the end of a look. */
export function requestsToVerdict(runs: number) {
  return ALL_SHARES.map((share) => {
    const draws = drawsFrom(1)
    const needed = Array.from({ length: runs }, () => {
      const rule = byRequest.make()
      let requests = 1
      while (!rule.look(1, draws.uniform() < share ? 1 : 0)) requests++
      return requests
    }).sort((a, b) => a - b)
    const mean = needed.reduce((sum, each) => sum + each, 0) / runs
    const bound = lowerBound(ALPHA, share, ALLOWED)
    return { share, bound, mean, ratio: mean / bound, p95: needed[Math.floor(runs * 0.95)] ?? Number.NaN }
  })
}

export interface SpeedRow {
  name: string
  /** For each of the {@link RATES}, for each of the {@link SHARES}. */
  cells: TimeToVerdict[][]
}

export function speeds(healthySeconds: number, runs: number): SpeedRow[] {
  const simulated = [byDefault, byRequest, ...others].map(({ name, make }) => ({
    name,
    cells: RATES.map((rps) =>
      SHARES.map((share) => {
        const fault = { rps, share, healthySeconds, spellSeconds: 0 }
        return timeToVerdict(
          make,
          fault,
          drawsFrom(2),
          name.startsWith('lastgood') ? runs : Math.ceil(runs / 5),
        )
      }),
    ),
  }))
  // Known without simulating: it has no clock and no memory.
  const inARow = RATES.map((rps) =>
    SHARES.map((share) => ({ meanSeconds: meanUntilInARow(share) / rps, tooEarly: 0, never: 0, runs: 1 })),
  )
  return [...simulated, { name: `${IN_A_ROW} in a row`, cells: inARow }]
}

/** A fault that comes and goes, after ten minutes at 10 requests/s: 10 s of nothing but errors, then a pause. */
export function speedsInSpells(runs: number) {
  return [byDefault, byRequest, ...others].map(({ name, make }) => ({
    name,
    cells: [0.1, 0.3].map((share) =>
      timeToVerdict(make, { rps: 10, share, healthySeconds: 600, spellSeconds: 10 }, drawsFrom(3), runs),
    ),
  }))
}
