import type { Reading } from '../domain/reading.ts'

/** Where the counters come from: one adapter for the agents, one for a metrics page, one for a Prometheus server. */
export interface Signals {
  /** For the screen: `the agents`, `http://127.0.0.1:9090 (Prometheus)`. */
  readonly source: string
  /** Never throws: what cannot be read is no evidence against anybody, and is said. */
  read(): Promise<SignalsRead>
}

export type SignalsRead =
  | { ok: true; readings: Reading[]; problems: string[] }
  | { ok: false; detail: string }
