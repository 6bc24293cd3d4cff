import { type Finding, openFindings, saysCorrupt } from './finding.ts'
import { type ServiceState, unfinishedRun } from './service-state.ts'
import { openVerdict, type Verdict, type VerdictEnd, type VerdictFacts, type VerdictId } from './verdict.ts'

/** What the planner said when it was asked for the way back that the open findings want. */
export type WayBack = { ok: true; to: string } | { ok: false; why: string }

export interface DecisionInput {
  state: ServiceState
  policy: 'ask' | 'act'
  /** Epoch ms. */
  now: number
  countdownMs: number
  wayBack: WayBack
}

export type Move =
  /** Nothing to say, or all is said and waits. */
  | { move: 'carry-on' }
  | { move: 'end'; verdict: VerdictId; how: VerdictEnd; reason: string }
  | { move: 'decide'; verdict: Omit<VerdictFacts, 'id'>; instead: VerdictId | null }
  /** The countdown is over. */
  | { move: 'act'; verdict: Verdict }

/**
 * What follows from the open findings against what serves. Never rolls a rollback back, never acts twice on one release, and
 * goes nowhere that the planner has not proven: it then holds, and pages.
 */
export function decide(input: DecisionInput): Move {
  const { state, now } = input
  const standing = openVerdict(state.verdicts)
  const isLeft = standing !== null && standing.release !== state.live
  const serves = `${state.live ?? 'nothing'} serves now`
  if (standing !== null && standing.decision !== 'hold' && hasRun(state, standing.id))
    return end(standing, 'acted', isLeft ? serves : 'a rollback was begun on it')
  if (isLeft) return end(standing, 'superseded', serves)
  const open = weighty(state)
  if (standing !== null && open.length === 0)
    return end(standing, 'recovered', 'no finding against it is open any more')
  const unanswered = open.filter(({ id }) => !answered(state, id))
  if (unanswered.length === 0 && standing === null) return { move: 'carry-on' }

  const wanted = weigh(input, standing === null ? unanswered : open)
  if (standing !== null && sameDecision(standing, wanted)) {
    // A deploy that is still at work, on this very release perhaps, comes to its end first.
    const free = unfinishedRun(state) === null
    const due = standing.actAt !== null && now >= Date.parse(standing.actAt)
    return standing.decision === 'roll-back' && due && free
      ? { move: 'act', verdict: standing }
      : { move: 'carry-on' }
  }
  // More of it is no reason to count down again.
  const sooner = standing?.decision === 'roll-back' ? standing.actAt : null
  const actAt = wanted.decision === 'roll-back' ? (sooner ?? wanted.actAt) : null
  return { move: 'decide', verdict: { ...wanted, actAt }, instead: standing?.id ?? null }
}

/** Whether the planner has to be asked before `decide` is. */
export function wantsDecision(state: ServiceState): boolean {
  return weighty(state).length > 0
}

/** What a person has to know of. */
function weighty(state: ServiceState): Finding[] {
  return openFindings(state.findings, state.live).filter(({ mode }) => mode === 'ask' || mode === 'act')
}

/** A person has called a verdict on it off: the same finding does not raise another. */
function answered(state: ServiceState, finding: string): boolean {
  return state.verdicts.some(
    ({ ended, findings }) => ended?.how === 'cancelled' && findings.includes(finding),
  )
}

function hasRun(state: ServiceState, verdict: VerdictId): boolean {
  return state.runs.some((run) => run.verdict === verdict)
}

function weigh(input: DecisionInput, findings: readonly Finding[]): Omit<VerdictFacts, 'id'> {
  const { state, policy, now, countdownMs, wayBack } = input
  const release = state.live ?? ''
  const what = findings.map(({ summary }) => summary).join('; ')
  const facts = { release, findings: findings.map(({ id }) => id), corrupt: saysCorrupt(findings) }
  const hold = (why: string) => ({
    ...facts,
    decision: 'hold' as const,
    to: null,
    reason: `${what}. Not rolled back: ${why}`,
    actAt: null,
  })
  if (state.liveBy === 'rollback')
    return hold(`${release} is what was rolled back to, and a rollback is not rolled back by itself`)
  const tried = state.runs.findLast((run) => run.verdict !== null && run.plan.from === release)
  if (tried !== undefined && tried.status !== 'succeeded')
    return hold(`it was tried in run ${tried.id.slice(0, 8)}, which ended ${tried.status}`)
  if (!wayBack.ok) return hold(wayBack.why)
  const acts = policy === 'act' && findings.some(({ mode }) => mode === 'act')
  return {
    ...facts,
    decision: acts ? 'roll-back' : 'ask',
    to: wayBack.to,
    reason: what,
    actAt: acts ? new Date(now + countdownMs).toISOString() : null,
  }
}

function sameDecision(standing: Verdict, wanted: Omit<VerdictFacts, 'id'>): boolean {
  return (
    standing.decision === wanted.decision &&
    standing.to === wanted.to &&
    standing.corrupt === wanted.corrupt &&
    wanted.findings.every((id) => standing.findings.includes(id))
  )
}

function end(verdict: Verdict, how: VerdictEnd, reason: string): Move {
  return { move: 'end', verdict: verdict.id, how, reason }
}
