import type { TemplateOutlook } from '../domain/checkpoint.ts'
import type { FittingCheckpoint } from '../domain/database-facts.ts'
import type { Estimate, Step, Way } from '../domain/plan.ts'
import type { Measured } from '../domain/service-state.ts'

/** Said before the first run of a service has measured anything. From the demo store on two cores, rounded up. */
const DEFAULT_STEP_MS: Partial<Record<Step['kind'], number>> = {
  'build-release': 30_000,
  'check-target': 100,
  'create-checkpoint': 5_000,
  rehearse: 20_000,
  'freeze-writes': 200,
  'build-beside': 15_000,
  'migrate-up': 1_000,
  'migrate-down': 1_000,
  'swap-database': 300,
  'start-candidate': 1_500,
  'probe-candidate': 300,
  'switch-traffic': 50,
  'clear-cache': 500,
  'stop-old': 2_000,
  'start-standby': 1_500,
  'prune-releases': 200,
}

const DEFAULT_BOOT_MS = 1_500

export function estimateSteps(steps: readonly Step[], measured: Measured, verifyWindowMs: number): Estimate {
  const each = steps.map((step) => {
    if (step.kind === 'verify') return { ms: verifyWindowMs, source: 'measured' as const, runs: 1 }
    return fromMeasured(measured.steps[step.kind], DEFAULT_STEP_MS[step.kind] ?? 0)
  })
  const ms = each.reduce((sum, estimate) => sum + estimate.ms, 0)
  const guessed = each.some(({ source }) => source === 'default')
  return {
    ms,
    source: guessed ? 'default' : 'measured',
    runs: guessed ? 0 : Math.min(...each.map(({ runs }) => runs)),
  }
}

export function estimateUntilSwitched(steps: readonly Step[], measured: Measured): Estimate {
  const last = steps.findIndex(({ kind }) => kind === 'switch-traffic')
  return estimateSteps(steps.slice(0, last + 1), measured, 0)
}

/** How long nothing will listen. */
export function estimateGap(
  way: Way,
  sideBySide: boolean,
  measured: Measured,
  bootMs: number | null,
): Estimate {
  const gapless = { ms: 0, source: 'measured' as const, runs: 0 }
  if (way === 'first') return gapless
  if (way === 'stop-start') return fromMeasured(measured.gaps[way], bootMs ?? DEFAULT_BOOT_MS)
  // In fork mode the port changes hands: the old one lets go, then the new one, already booted, takes it.
  return sideBySide ? gapless : fromMeasured(measured.gaps[way], 50)
}

/** How long nobody can connect while two databases change names; see docs/benchmarks.md. */
export function estimateSwap(measured: Measured): Estimate {
  return fromMeasured(measured.gaps.swap, 150)
}

/** From the first write that is refused to the first that is taken again. */
export function estimateReadOnly(steps: readonly Step[], measured: Measured): Estimate | null {
  const first = steps.findIndex(({ kind }) => kind === 'freeze-writes')
  const last = steps.findIndex(({ kind }) => kind === 'swap-database')
  return first === -1 ? null : estimateSteps(steps.slice(first, last + 1), measured, 0)
}

/** On two cores a stock PostgreSQL copies half as much again; what was written just now has to be flushed first. */
const DEFAULT_COPIED_PER_MS = 300_000
const DEFAULT_FIXED_MS = 200

/** How long connections wait while the server copies the database: by the templates that were made of it. */
export function estimateHold({ bytes, made }: TemplateOutlook): Estimate {
  const perByte = made.filter((one) => one.bytes > 0).map((one) => one.heldMs / one.bytes)
  if (perByte.length === 0) {
    const ms = Math.round(DEFAULT_FIXED_MS + bytes / DEFAULT_COPIED_PER_MS)
    return { ms, source: 'default', runs: 0 }
  }
  // The slowest: that somebody waited for less is no promise.
  return { ms: Math.round(Math.max(...perByte) * bytes), source: 'measured', runs: perByte.length }
}

/** What trying this very checkpoint took is worth more than what restores of others did. */
export function measuredWith(
  measured: Measured,
  checkpoint: Pick<FittingCheckpoint, 'trialMs'> | null,
): Measured {
  if (checkpoint === null || checkpoint.trialMs === null) return measured
  return { ...measured, steps: { ...measured.steps, 'build-beside': [checkpoint.trialMs] } }
}

export function addEstimates(one: Estimate, other: Estimate): Estimate {
  const guessed = one.source === 'default' || other.source === 'default'
  return {
    ms: one.ms + other.ms,
    source: guessed ? 'default' : 'measured',
    runs: guessed ? 0 : Math.max(one.runs, other.runs),
  }
}

function fromMeasured(values: readonly number[] | undefined, fallback: number): Estimate {
  if (values === undefined || values.length === 0) return { ms: fallback, source: 'default', runs: 0 }
  return { ms: median(values), source: 'measured', runs: values.length }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const upper = sorted[sorted.length >> 1] ?? 0
  const lower = sorted[(sorted.length - 1) >> 1] ?? 0
  return Math.round((upper + lower) / 2)
}
