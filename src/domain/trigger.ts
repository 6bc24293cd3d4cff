/**
 * Why a release is found bad. The runbook's six (critical, error-rate, slowdown, corruption, security, fix-forward), and what
 * its authors would have added: crash-loop (restarts by itself), unresponsive (an instance that never answers), memory (grows),
 * sessions (drop), silence (no request comes any more), alert (Alertmanager's word).
 */
export const TRIGGERS = [
  'error-rate',
  'slowdown',
  'critical',
  'corruption',
  'security',
  'fix-forward',
  'crash-loop',
  'unresponsive',
  'memory',
  'sessions',
  'silence',
  'alert',
] as const

export type Trigger = (typeof TRIGGERS)[number]

/** What becomes of a finding: nothing is looked at, it is written down, a person is asked, lastgood rolls back. */
export type TriggerMode = 'off' | 'record' | 'ask' | 'act'

/** A person's word is a finding too. */
export const FLAGS = ['corruption', 'security', 'critical'] as const
export type Flag = (typeof FLAGS)[number]
