import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  addCounts,
  type Counts,
  DEFAULT_POLICY,
  type JudgeState,
  type LatencyCounts,
  startJudge,
} from '../../src/domain/evidence/index.ts'

/** The agent's own buckets. */
const le = Array.from({ length: 56 }, (_, i) => Number((0.5 * 1.25 ** i).toPrecision(4)))
const latency: LatencyCounts = { le, count: [...le, 0].map((_, i) => (i > 12 && i < 24 ? 10 : 0)) }
const look: Counts = { requests: 110, errors: 1, latency }

export function costs() {
  const slots = [1_000, 100_000, 1_000_000]
  // Once to warm up: what is compiled then is no growth.
  sizesOver([20_000])
  const before = heapInUse()
  const sizes = sizesOver(slots)
  const heapGrowth = heapInUse() - before
  return { instances: 1_000, msPerSecond: costOfJudging(1_000, 60), slots, sizes, heapGrowth }
}

/** Processor time in ms to judge `instances` for a second, each by itself and with latencies; over `seconds`. */
function costOfJudging(instances: number, seconds: number): number {
  const begin = () => startJudge(DEFAULT_POLICY, { baseline: latency, switchedAt: null })
  let states = Array.from({ length: instances }, begin)
  const before = process.cpuUsage()
  for (let second = 1; second <= seconds; second++) {
    states = states.map((state) => addCounts(state, second * 1_000, look))
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000 / seconds
}

/** How large a state is, as it is saved, after so many slots: bytes. */
function sizesOver(slots: readonly number[]): number[] {
  let state: JudgeState = startJudge(DEFAULT_POLICY, { baseline: latency, switchedAt: null })
  const most = Math.max(...slots)
  const sizes: number[] = []
  for (let slot = 1; slot <= most; slot++) {
    state = addCounts(state, slot * 5_000, look)
    if (slots.includes(slot)) sizes.push(JSON.stringify(state).length)
  }
  return sizes
}

/** Bytes of the heap in use, after everything that is not was collected. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}
