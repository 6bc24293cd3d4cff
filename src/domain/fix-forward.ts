import { openFindings } from './finding.ts'
import type { ServiceState } from './service-state.ts'

/** The clock on what is open against the serving release: until when it may be mended in place. */
export interface FixForward {
  /** The first open finding that asks for a person, ISO. */
  since: string
  /** ISO. */
  until: string
  extended: boolean
}

/** Null: nothing is open against it. A finding that is only written down starts no clock, nor does the clock's own. */
export function fixForwardClock(state: ServiceState, allowedMs: number): FixForward | null {
  const [first] = openFindings(state.findings, state.live).filter(
    ({ mode, trigger }) => (mode === 'ask' || mode === 'act') && trigger !== 'fix-forward',
  )
  if (first === undefined) return null
  const since = first.recordedAt
  const said = state.live === null ? undefined : state.fixForwardUntil.get(state.live)
  const until = new Date(Date.parse(since) + allowedMs).toISOString()
  return said === undefined || said < until
    ? { since, until, extended: false }
    : { since, until: said, extended: true }
}
