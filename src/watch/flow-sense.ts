import { addProbe, type ProbeState, probeConvicts, startProbe } from '../domain/evidence/probe.ts'
import type { Flow, FlowResult } from '../domain/flow.ts'
import { type Suspicion, suspicion } from './suspicion.ts'

/** What is remembered of one flow. Plain data: it is saved. */
export interface FlowSense {
  /** When it was begun last, epoch ms. */
  at: number
  /** Null: it has not failed since it last passed. */
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
  if (outcome === 'passed') return { ...NEW_FLOW, at, evidence, passes: sense.passes + 1 }
  return {
    at,
    evidence,
    probe: addProbe(sense.probe ?? startProbe({ flakeRate: FLAKE_RATE, alpha }), true),
    failures: sense.failures + 1,
    passes: 0,
    since: sense.since ?? at,
    late: sense.late && late,
  }
}

/** @param burstToleranceMs answers that are late for no longer than this are a stall that passes */
export function senseFlow(name: string, sense: FlowSense, burstToleranceMs: number): Suspicion[] {
  const { probe, failures, passes, since, late, evidence, at } = sense
  const about = { trigger: 'critical' as const, key: name }
  if (probe !== null && since !== null && probeConvicts(probe)) {
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
