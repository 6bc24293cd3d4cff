const FIRST_MS = 0.5
const LAST_MS = 120_000
/** Whoever asks whether something became half as slow again must not lose more than a tenth to the buckets. */
const GROWTH = 1.1
const LOG_GROWTH = Math.log(GROWTH)

/** Upper bounds in milliseconds, rounded so that they read well and are the same in every process. */
const le: number[] = []
for (let bound = FIRST_MS; bound < LAST_MS; bound *= GROWTH) le.push(Number(bound.toPrecision(4)))
le.push(LAST_MS)

const boundAt = (index: number) => le[index] ?? Number.POSITIVE_INFINITY

/** Index of the bucket; `le.length` is the one above all bounds. */
function bucketOf(ms: number): number {
  if (ms <= FIRST_MS) return 0
  // The logarithm guesses; the bounds are rounded, so the guess can be one off.
  let index = Math.min(le.length, Math.ceil(Math.log(ms / FIRST_MS) / LOG_GROWTH))
  while (ms > boundAt(index)) index++
  while (index > 0 && ms <= boundAt(index - 1)) index--
  return index
}

const newCounts = (): number[] => new Array(le.length + 1).fill(0)

const latency = { le, bucketOf, newCounts }
export type LatencyModule = typeof latency
module.exports = latency
