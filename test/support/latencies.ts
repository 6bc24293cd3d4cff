import { seededRandom } from '../../lab/traffic/random.ts'

/** Latencies in ms around a median, lognormal: `spread` 0.5 is a calm service, 1 one with a long tail. */
export function latencySource(seed: number, spread = 0.5): (median: number, count: number) => number[] {
  const random = seededRandom(seed)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return (median, count) => Array.from({ length: count }, () => median * Math.exp(spread * normal()))
}
