import { type Comparison, compare, isVetoed } from './comparison.ts'
import { type Counts, checkCounts, checkLatency, type LatencyCounts } from './counts.ts'
import { type Limits, limitsOf } from './limits.ts'
import { checkPolicy, type JudgePolicy } from './policy.ts'
import { errorBooks, errorTally, slowBooks, slowTally } from './rules.ts'
import { ARRIVAL_MS, ARRIVAL_SLOT_MS, nextSlot, type OpenSlot } from './slots.ts'
import {
  type Books,
  closeArrivalSlot,
  closeSlot,
  collect,
  conclude,
  startTrigger,
  type Tally,
  type TriggerState,
} from './trigger.ts'

export type TriggerName = 'error-rate' | 'slowdown'

/** All that is known of a release. Plain JSON, of the same size forever: saved, read back, and gone on with. */
export interface JudgeState {
  policy: JudgePolicy
  /** When its traffic began, epoch ms; null: no look is of a first minute. */
  switchedAt: number | null
  /** Since when it is looked at, and the end of the newest look, epoch ms. */
  began: number | null
  at: number | null
  open: OpenSlot
  openOnArrival: OpenSlot
  requests: number
  errors: TriggerState
  slow: { limits: Limits; state: TriggerState } | null
  /** The release it is compared with, judged by the same rules, so that it can be said that both are sick. */
  other: { errors: TriggerState; slow: TriggerState | null } | null
  comparison: Comparison | null
}

/**
 * @param options.baseline latencies of a release that was good; null: slowness is not judged
 * @param options.switchedAt epoch ms; null: no dead-on-arrival minute
 * @throws RangeError
 */
export function startJudge(
  policy: JudgePolicy,
  { baseline, switchedAt }: { baseline: LatencyCounts | null; switchedAt: number | null },
): JudgeState {
  checkPolicy(policy)
  if (baseline !== null) checkLatency(baseline)
  if (switchedAt !== null) checkTime(switchedAt)
  const limits = baseline === null ? null : limitsOf(baseline, policy.slowdown, policy.alpha)
  return {
    policy,
    switchedAt,
    began: switchedAt,
    at: null,
    open: null,
    openOnArrival: switchedAt,
    requests: 0,
    errors: startTrigger(errorBooks(policy, switchedAt !== null)),
    slow: limits === null ? null : { limits, state: startTrigger(slowBooks(policy, limits)) },
    other: null,
    comparison: null,
  }
}

/**
 * What one look saw: everything since the look before. Looks may come late, or after a gap; a clock that was set back costs
 * at most a slot.
 *
 * @param at end of the look, epoch ms
 * @param other what the release it is compared with did in the same time, when both serve
 * @throws RangeError when they are no counts; see {@link checkCounts}
 */
export function addCounts(before: JudgeState, at: number, counts: Counts, other?: Counts): JudgeState {
  checkTime(at)
  checkCounts(counts)
  if (other !== undefined) checkCounts(other)
  const { policy, switchedAt } = before
  const look = { ...openSlots(before, at), at, threshold: Math.log(1 / policy.alpha) }
  const errors = errorBooks(policy, switchedAt !== null)
  const began = before.began ?? look.began
  const state: JudgeState = { ...before, began, at, open: look.open, openOnArrival: look.openOnArrival }
  state.requests += counts.requests
  state.errors = follow(errors, state.errors, errorTally(counts), look)
  if (state.slow !== null) {
    const { limits } = state.slow
    const tally = slowTally(limits, counts)
    const books = slowBooks(policy, limits)
    state.slow = { limits, state: follow(books, state.slow.state, tally, look) }
  }
  const compares = other !== undefined && other.requests > 0
  if (compares) lookAtOther(state, counts, other, look)
  return compares || look.endsSlot || look.endsArrivalSlot ? concludeAll(state, look) : state
}

interface Look {
  at: number
  threshold: number
  /** Where the slot began that this look is in. */
  began: number
  open: number
  openOnArrival: OpenSlot
  /** This look is of the first minute. */
  arriving: boolean
  endsSlot: boolean
  endsArrivalSlot: boolean
}

function openSlots(state: JudgeState, at: number): Omit<Look, 'at' | 'threshold'> {
  const { policy, switchedAt } = state
  const arriving = switchedAt !== null && at > switchedAt && at <= switchedAt + ARRIVAL_MS
  const arrival = arriving
    ? nextSlot(state.openOnArrival, { at, slotMs: ARRIVAL_SLOT_MS, origin: switchedAt })
    : { open: state.openOnArrival, ends: false }
  const steady =
    policy.slotMs === 'request'
      ? { began: at, open: at, ends: true }
      : nextSlot(state.open, { at, slotMs: policy.slotMs, origin: switchedAt ?? 0 })
  return {
    arriving,
    began: steady.began,
    open: steady.open,
    endsSlot: steady.ends,
    openOnArrival: arrival.open,
    endsArrivalSlot: arrival.ends,
  }
}

function follow(books: Books, before: TriggerState, tally: Tally, look: Look): TriggerState {
  if (before.bad !== null) return before
  let state = collect(before, tally, look.arriving)
  if (look.endsArrivalSlot) state = closeArrivalSlot(books, state)
  return look.endsSlot ? closeSlot(books, state) : state
}

function lookAtOther(state: JudgeState, counts: Counts, other: Counts, look: Look): void {
  const { policy, slow } = state
  const errors = errorBooks(policy, false)
  const seen = state.other ?? { errors: startTrigger(errors), slow: null }
  const sees = { ...look, arriving: false, endsArrivalSlot: false }
  const books = slow === null ? null : slowBooks(policy, slow.limits)
  state.other = {
    errors: judgeOther(errors, seen.errors, errorTally(other), sees),
    slow:
      slow === null || books === null
        ? null
        : judgeOther(books, seen.slow ?? startTrigger(books), slowTally(slow.limits, other), sees),
  }
  state.comparison = compare(state.comparison, { at: look.at, counts, other }, policy, slow?.limits ?? null)
}

function judgeOther(books: Books, before: TriggerState, tally: Tally, look: Look): TriggerState {
  if (before.bad !== null) return before
  return conclude(books, follow(books, before, tally, look), { ...look, vetoed: false, closed: false })
}

function concludeAll(state: JudgeState, look: Look): JudgeState {
  const { policy, switchedAt, errors, slow, comparison } = state
  const closed = look.endsSlot || look.endsArrivalSlot
  const judge = (trigger: TriggerName, books: Books, each: TriggerState) =>
    each.bad !== null
      ? each
      : conclude(books, each, { ...look, closed, vetoed: isVetoed(comparison, trigger, look) })
  return {
    ...state,
    errors: judge('error-rate', errorBooks(policy, switchedAt !== null), errors),
    slow:
      slow === null
        ? null
        : { limits: slow.limits, state: judge('slowdown', slowBooks(policy, slow.limits), slow.state) },
  }
}

function checkTime(at: number): void {
  if (!Number.isFinite(at)) throw new RangeError(`${at} is no time`)
}
