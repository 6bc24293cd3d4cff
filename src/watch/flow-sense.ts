import { addProbe, type ProbeState, probeJudgementOf, startProbe } from '../domain/evidence/index.ts'
import type { Flow, FlowResult } from '../domain/flow.ts'
import { type Suspicion, suspicion } from './suspicion.ts'

/** What is remembered of one flow. Plain data: it is saved. */
export interface FlowSense {
  /** When it was begun last, epoch ms. */
  at: number
  /** Every run since the release went live, or since it was last found to work again; null: none yet. */
  probe: ProbeState | null
  failures: number
  passes: number
  /** The first failure of the row. */
  since: number | null
  /** All failures of the row were answers that did not come in time. */
  late: boolean
  /** Of the last run. */
  evidence: string
}

export const NEW_FLOW: FlowSense = {
  at: 0,
  probe: null,
  failures: 0,
  passes: 0,
  since: null,
  late: true,
  evidence: 'not tried yet',
}

/** A flow of a healthy service fails by itself no more often than this: a network that hiccups, a probe that is cut off. */
const FLAKE_RATE = 0.01
/** What was broken must have worked so often in a row to be called well. */
const WELL = 3

/** No answer at all tells nothing: who cannot be reached is the senses of the instances' matter. */
export function takeFlow(sense: FlowSense, result: FlowResult, at: number, alpha: number): FlowSense {
  const { outcome, evidence, late } = result
  if (outcome === 'unknown') return { ...sense, at, evidence }
  const passed = outcome === 'passed'
  const before = sense.probe ?? startProbe({ flakeRate: FLAKE_RATE, alpha })
  const probe = addProbe(before, at, passed)
  if (!passed) {
    const since = sense.since ?? at
    return { at, evidence, probe, failures: sense.failures + 1, passes: 0, since, late: sense.late && late }
  }
  const passes = sense.passes + 1
  // Works again: from here on it is tried as if it had never failed.
  const anew = probe.bad !== null && passes >= WELL
  return { ...NEW_FLOW, at, evidence, passes, probe: anew ? null : probe }
}

/** @param burstToleranceMs answers that are late for no longer than this are a stall that passes */
export function senseFlow(name: string, sense: FlowSense, burstToleranceMs: number): Suspicion[] {
  const { probe, failures, passes, since, late, evidence, at } = sense
  const about = { trigger: 'critical' as const, key: name }
  if (probe !== null && since !== null && probeJudgementOf(probe).outcome === 'bad') {
    if (late && at - since < burstToleranceMs) return []
    const summary = `"${name}" failed ${failures} times in a row: ${evidence}`
    return [
      suspicion({
        ...about,
        status: 'firing',
        summary,
        evidence: { flow: name, failures, last: evidence },
        since,
      }),
    ]
  }
  if (passes >= WELL)
    return [suspicion({ ...about, status: 'well', summary: `"${name}" works again`, since: at })]
  return []
}

export function flowDue({ everyMs }: Pick<Flow, 'everyMs'>, sense: FlowSense, now: number): boolean {
  return now - sense.at >= everyMs
}
