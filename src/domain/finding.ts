import type { Evidence } from './facts.ts'
import type { ReleaseId } from './release.ts'
import type { Trigger, TriggerMode } from './trigger.ts'

/** `f1`, `f2`, ... in the order they were recorded. */
export type FindingId = string

/** What a trigger has proven against a release. */
export interface FindingFacts {
  id: FindingId
  release: ReleaseId
  trigger: Trigger
  /** Tells two findings of one trigger apart: the flow, the invariant, the alert; empty where there is but one. */
  key: string
  /** One sentence with figures. */
  summary: string
  evidence: Evidence
  /** What the configuration wanted to become of it. */
  mode: TriggerMode
  /** Since when it has been so, as far as is known. */
  since: string
  /** Evidence against time up to the finding, for `lastgood why`; null where it is no matter of counting. */
  course: EvidenceCourse | null
}

/** Natural logarithm of the evidence at some moments, and the line it had to cross. */
export interface EvidenceCourse {
  threshold: number
  points: { at: number; logE: number; requests: number; bad: number }[]
}

export interface Finding extends FindingFacts {
  /** A person, or the watcher. */
  by: string
  recordedAt: string
  /** When it was over, and how that is known; null: it is open. */
  cleared: { at: string; by: string; reason: string } | null
}

export function findingNumber(id: FindingId): number {
  return Number(id.slice(1))
}

export function nextFindingId(findings: readonly Finding[]): FindingId {
  return `f${findings.reduce((highest, { id }) => Math.max(highest, findingNumber(id)), 0) + 1}`
}

/** Open findings against a release that a person has to know of. */
export function openFindings(findings: readonly Finding[], release: ReleaseId | null): Finding[] {
  return findings.filter((finding) => finding.release === release && finding.cleared === null)
}

/** Damaged rows: no code mends them. */
export function saysCorrupt(findings: readonly Pick<Finding, 'trigger'>[]): boolean {
  return findings.some(({ trigger }) => trigger === 'corruption')
}
