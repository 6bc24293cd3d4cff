import { hasFailed, type Sample } from './traffic/sample.ts'
import { summarize } from './traffic/summarize.ts'

export type SwitchCost = {
  requests: number
  /** Of the switch itself: no answer, or a server error that the bad release did not give. */
  failedBySwitch: number
  /** How they failed: `{ECONNRESET: 3}` */
  failures: Record<string, number>
  /** Server errors of the bad release. */
  failedByBadRelease: number
  /** From the command to the last request sent that the bad release answered; 0 when it answered none. */
  lastBadResponseMs: number
  /** The longest time without a single good answer. */
  unavailableMs: number
}

/** What going from `badVersion` to another release cost the shoppers from the moment `from` on. */
export function judgeSwitch(samples: Sample[], badVersion: string, from: number): SwitchCost {
  // Requests that were still waiting for a free connection when the traffic was stopped say nothing about the service.
  const after = samples.filter(({ at, error }) => at >= from && error !== 'UNSENT')
  const failed = after.filter(hasFailed)
  const ofBadRelease = failed.filter(({ status, version }) => status !== 0 && version === badVersion)
  const others = failed.filter((sample) => !ofBadRelease.includes(sample))
  const { lastBadResponseMs, unavailableMs } = summarize(after, { badVersion, from })
  return {
    requests: after.length,
    failedBySwitch: others.length,
    failures: countBy(others.map(({ status, error }) => error ?? `status ${status}`)),
    failedByBadRelease: ofBadRelease.length,
    lastBadResponseMs: lastBadResponseMs ?? 0,
    unavailableMs,
  }
}

function countBy(names: string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
