import type { HttpCheck } from './http-check.ts'

/** A request of a flow, and what it keeps of the answer for the next ones. */
export interface FlowStep extends HttpCheck {
  /** Name -> path in the JSON answer: `{ token: token }`; used later as `{token}` in path, headers and body. */
  save: Record<string, string>
}

/** What a user does, tried by lastgood: log in, search, check out. */
export interface Flow {
  name: string
  everyMs: number
  steps: FlowStep[]
  /** Run after the steps, also when one has failed, as far as what they need was saved. */
  cleanup: FlowStep[]
}

export interface FlowResult {
  /** `unknown`: no answer came at all. */
  outcome: 'passed' | 'failed' | 'unknown'
  /** Which step, and what was wrong with it; or how long all took. */
  evidence: string
  /** It failed only in that an answer did not come in time. */
  late: boolean
  ms: number
  /** What of the cleaning up went wrong; null when nothing did. */
  leftBehind: string | null
}
