import type { FindingFacts } from '../finding.ts'
import type { Trigger } from '../trigger.ts'
import type { Severity } from './words.ts'

export const SEVERITIES = [1, 2, 3, 4, 5] as const satisfies readonly Severity[]

/** `SEV-2`. */
export function severityName(severity: Severity): string {
  return `SEV-${severity}`
}

/** `1`, `sev1`, `SEV-1`; null for anything else. */
export function parseSeverity(text: string): Severity | null {
  const [, digit] = /^(?:sev-?)?([1-5])$/i.exec(text.trim()) ?? []
  return SEVERITIES.find((known) => String(known) === digit) ?? null
}

export function worse(one: Severity, other: Severity): Severity {
  return one < other ? one : other
}

/** Until a person has said: damage that no code mends and what nobody can use are the worst. */
const OF_TRIGGER: Record<Trigger, Severity> = {
  corruption: 1,
  security: 1,
  critical: 1,
  'crash-loop': 1,
  unresponsive: 1,
  silence: 1,
  'error-rate': 2,
  'fix-forward': 2,
  sessions: 2,
  alert: 2,
  slowdown: 3,
  memory: 3,
}

/** Every second answer an error is an outage by another name. */
const OUTAGE_SHARE = 0.5

export function severityOfFinding({ trigger, course }: FindingFacts): Severity {
  const last = course?.points.at(-1)
  const down =
    trigger === 'error-rate' &&
    last !== undefined &&
    last.requests > 0 &&
    last.bad / last.requests >= OUTAGE_SHARE
  return down ? 1 : OF_TRIGGER[trigger]
}

/** Rolled back, or opened by hand, without a finding that tells more. */
export const SEVERITY_WITHOUT_A_FINDING: Severity = 2
