import { isVetoed } from './comparison.ts'
import { type Fault, likelyFault } from './fault.ts'
import { type Point, pointsOf } from './history.ts'
import type { JudgeState, TriggerName } from './judge.ts'
import type { Limit } from './limits.ts'
import { lowerBound } from './lower-bound.ts'
import { nearest } from './nearest.ts'
import { errorBooks, slowBooks } from './rules.ts'
import { ARRIVAL_MS } from './slots.ts'
import { type Books, logAgainst, loudest, type TriggerState } from './trigger.ts'

/** Proven bad, proven fine, or not yet. */
export type Outcome = 'bad' | 'fine' | 'undecided'

/** Why a release that is proven bad is not called so: it is not shown to be worse than the other that serves now. */
export type Veto = 'both-sick' | 'not-worse'

export interface TriggerJudgement {
  trigger: TriggerName
  outcome: Outcome
  /** ln of the evidence against the release, and what it takes. When it has fired: as it was then. */
  logE: number
  threshold: number
  /** Seen until it fired, or until now; `bad` of them were errors, or took longer than {@link limit}. */
  requests: number
  bad: number
  /** bad / requests; null without requests. */
  share: number | null
  /** What was seen since it seems to have begun, without the healthy hours before; null: nothing seems to have. */
  fault: Fault | null
  /** The share of bad answers that is still all right. */
  allowed: number
  /** The quantile that speaks loudest, and what it may take in ms; null: this trigger is about errors. */
  limit: Limit | null
  /** Slots that had requests. */
  slots: number
  /** Requests still needed for whichever verdict is nearer, at the share seen so far; null: decided, or it cannot be said. */
  needs: number | null
  nearer: 'bad' | 'fine' | null
  /** End of the look in which it was decided, epoch ms. */
  firedAt: number | null
  /** Whether it was the book of the first minute that decided. */
  onArrival: boolean
  veto: Veto | null
  /** The fewest requests any test with this alpha needs, in the mean, to tell the share of the fault from what is allowed. */
  leastPossible: number | null
  /** The smallest alpha with which it would be bad by now, at most 1. */
  alphaReached: number
  history: Point[]
}

export interface Judgement {
  /** Bad when a trigger is; fine when every one is. */
  outcome: Outcome
  triggers: TriggerJudgement[]
  /** Of the baseline that slowness is judged by; null: it is not judged. */
  baseline: { requests: number; needs: number } | null
  requests: number
  slots: number
  needs: number | null
}

/** What is to be said now. */
export function judgementOf(state: JudgeState): Judgement {
  const { policy, switchedAt, slow } = state
  const triggers = [
    judge(state, 'error-rate', errorBooks(policy, switchedAt !== null), state.errors, null),
    ...(slow === null
      ? []
      : [judge(state, 'slowdown', slowBooks(policy, slow.limits), slow.state, slow.limits.bad)]),
  ]
  const outcome = outcomeOf(triggers)
  return {
    outcome,
    triggers,
    baseline: slow === null ? null : { requests: slow.limits.requests, needs: slow.limits.needs },
    requests: state.requests,
    slots: state.errors.slots,
    needs: outcome === 'undecided' ? needsOf(triggers) : null,
  }
}

function outcomeOf(triggers: readonly TriggerJudgement[]): Outcome {
  if (triggers.some(({ outcome }) => outcome === 'bad')) return 'bad'
  return triggers.every(({ outcome }) => outcome === 'fine') ? 'fine' : 'undecided'
}

/** One bad trigger is enough; to be fine, all have to be. */
function needsOf(triggers: readonly TriggerJudgement[]): number | null {
  const open = triggers.filter(({ outcome }) => outcome === 'undecided')
  const bad = open.flatMap(({ nearer, needs }) => (nearer === 'bad' && needs !== null ? [needs] : []))
  if (bad.length > 0) return Math.min(...bad)
  const fine = open.flatMap(({ needs }) => needs ?? [])
  return fine.length === open.length ? Math.max(...fine) : null
}

function judge(
  state: JudgeState,
  trigger: TriggerName,
  books: Books,
  seen: TriggerState,
  limits: readonly Limit[] | null,
): TriggerJudgement {
  const { policy, at, switchedAt, comparison } = state
  const threshold = Math.log(1 / policy.alpha)
  const arriving = at !== null && switchedAt !== null && at <= switchedAt + ARRIVAL_MS
  const now = logAgainst(books, seen, arriving)
  const series = loudest(books, seen)
  const requests = seen.bad?.requests ?? seen.seen.of[series] ?? seen.seen.total
  const bad = seen.bad?.bad ?? seen.seen.bad[series] ?? 0
  const share = requests === 0 ? null : bad / requests
  const allowed = books.against[series]?.rate ?? policy.errorRate
  const logE = seen.bad?.logE ?? now.logE
  const history = pointsOf(seen.history)
  const fault = likelyFault(history, state.began, allowed)
  const vetoed =
    seen.bad === null && now.logE >= threshold && isVetoed(comparison, trigger, { at: at ?? 0, threshold })
  const outcome = seen.bad !== null ? 'bad' : seen.fine !== null && !vetoed ? 'fine' : 'undecided'
  const otherSeen = trigger === 'error-rate' ? state.other?.errors : state.other?.slow
  return {
    trigger,
    outcome,
    logE,
    threshold,
    requests,
    bad,
    share,
    fault,
    allowed,
    limit: limits?.[series] ?? null,
    slots: seen.slots,
    ...(outcome === 'undecided' && !vetoed
      ? nearest(books, seen, { ...state, at: at ?? 0, threshold, arriving, fault, loudest: series })
      : { needs: null, nearer: null }),
    firedAt: (outcome === 'undecided' ? null : (seen.bad ?? seen.fine))?.at ?? null,
    onArrival: seen.bad?.onArrival ?? false,
    veto: vetoed ? (otherSeen?.bad ? 'both-sick' : 'not-worse') : null,
    leastPossible: fault === null ? null : lowerBound(policy.alpha, fault.share, allowed),
    alphaReached: Math.min(1, Math.exp(-logE)),
    history,
  }
}
