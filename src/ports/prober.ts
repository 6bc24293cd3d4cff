import type { Flow, FlowResult } from '../domain/flow.ts'
import type { HttpCheck } from '../domain/http-check.ts'
import type { PrivateAddress } from './runtime.ts'

export interface ProbeResult {
  outcome: 'passed' | 'failed' | 'unknown'
  evidence: string
  ms: number
}

export interface Prober {
  /** `unknown` when no answer came at all; `failed` when the answer is wrong or late. */
  probe(target: PrivateAddress | { url: string }, check: HttpCheck): Promise<ProbeResult>
  /** The steps one after the other, then the cleaning up. Each step is judged as a probe is. */
  probeFlow(target: PrivateAddress | { url: string }, flow: Flow): Promise<FlowResult>
}
