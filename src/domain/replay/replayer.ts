import {
  addCounts,
  type Counts,
  type Judgement,
  type JudgePolicy,
  type JudgeState,
  judgementOf,
  type LatencyCounts,
  startJudge,
} from '../evidence/index.ts'
import { mergeCounts } from '../readings/merge-counts.ts'
import type { Counting } from './counting.ts'
import type { ReplayLine } from './replay-line.ts'

export interface ReplayOptions {
  policy: JudgePolicy
  counting: Counting
  baseline: LatencyCounts | null
  /** Seconds, on the clock of the recording; null: no dead-on-arrival minute. */
  switchedAt: number | null
}

export interface Replayed {
  release: string
  judgement: Judgement
}

interface Source {
  at: number
  requests: number
  errors: number
  latency: LatencyCounts | null
}

interface Judged {
  state: JudgeState
  /** What the others did since the newest line of this one. */
  others: Counts | null
}

/** Recorded counters through the judge, line by line. Its memory does not grow with the recording. */
export class Replayer {
  readonly #options: ReplayOptions
  readonly #sources = new Map<string, Source>()
  readonly #judged = new Map<string, Judged>()
  /** Everything, for whoever wants a baseline of it. */
  total: Counts = { requests: 0, errors: 0, latency: null }

  constructor(options: ReplayOptions) {
    this.#options = options
  }

  /** @returns why the line cannot be used; null: it was */
  take(line: ReplayLine): string | null {
    const { at, release, instance } = line
    const key = `${release}/${instance}`
    const before = this.#sources.get(key)
    if (before !== undefined && at <= before.at)
      return at === before.at
        ? `a second line of ${release} at ${at} s`
        : `${at} s is before ${before.at} s, which ${release} had reached`
    const { requests, errors, latency } = line
    this.#sources.set(key, { at, requests, errors, latency })
    const counts =
      this.#options.counting === 'increment' ? { requests, errors, latency } : since(before, line)
    if (counts !== null) this.#judge(release, at, counts)
    return null
  }

  results(): Replayed[] {
    return [...this.#judged].map(([release, { state }]) => ({ release, judgement: judgementOf(state) }))
  }

  #judge(release: string, at: number, counts: Counts): void {
    const { policy, baseline, switchedAt } = this.#options
    const known = this.#judged.get(release)
    const start = () =>
      startJudge(policy, { baseline, switchedAt: switchedAt === null ? null : switchedAt * 1000 })
    const { state, others } = known ?? { state: start(), others: null }
    this.#judged.set(release, {
      state: addCounts(state, at * 1000, counts, others ?? undefined),
      others: null,
    })
    for (const [name, other] of this.#judged)
      if (name !== release) other.others = other.others === null ? counts : mergeCounts(other.others, counts)
    this.total = mergeCounts(this.total, counts)
  }
}

/** Null: the first line of a source is where its counting begins. A counter that fell began anew. */
function since(before: Source | undefined, line: ReplayLine): Counts | null {
  if (before === undefined) return null
  const { requests, errors, latency } = line
  if (requests < before.requests || errors < before.errors) return { requests, errors, latency }
  const fresh = requests - before.requests
  return {
    requests: fresh,
    // The two are read one after the other: an error may be counted a line before its request.
    errors: Math.min(fresh, errors - before.errors),
    latency: latency === null ? null : latencySince(before.latency, latency),
  }
}

function latencySince(before: LatencyCounts | null, { le, count }: LatencyCounts): LatencyCounts {
  const same =
    before !== null && before.le.length === le.length && le.every((bound, i) => bound === before.le[i])
  if (!same) return { le, count }
  const fresh = count.map((each, i) => each - (before.count[i] ?? 0))
  return { le, count: fresh.some((each) => each < 0) ? count : fresh }
}
