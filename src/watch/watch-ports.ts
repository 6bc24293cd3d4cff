import type { WayBack } from '../domain/decide.ts'
import type { NewEvent } from '../domain/event.ts'
import type { FindingFacts, FindingId } from '../domain/finding.ts'
import type { Flow } from '../domain/flow.ts'
import type { ReleaseId } from '../domain/release.ts'
import type { ServiceState } from '../domain/service-state.ts'
import type { Verdict, VerdictEnd, VerdictFacts, VerdictId } from '../domain/verdict.ts'
import type { WatchConfiguration } from '../domain/watch-configuration.ts'
import type { Advisories } from '../ports/advisories.ts'
import type { Clock } from '../ports/clock.ts'
import type { Invariants } from '../ports/invariants.ts'
import type { Prober } from '../ports/prober.ts'
import type { Signals } from '../ports/signals.ts'
import type { WatchMemoryStore } from '../ports/watch-memory.ts'

/** What a watcher has to say; a renderer turns it into lines. */
export type WatchNotice =
  | { type: 'finding'; finding: FindingFacts }
  | { type: 'finding-over'; finding: FindingId; reason: string }
  | { type: 'verdict'; verdict: VerdictFacts }
  | { type: 'verdict-over'; verdict: VerdictId; how: VerdictEnd; reason: string }
  | { type: 'acting'; verdict: Verdict }
  | { type: 'upkeep'; line: string; failed: boolean }
  | { type: 'recovery'; outcome: 'confirmed' | 'refuted'; detail: string }

/** What a watcher reaches the world through. */
export interface WatchPorts {
  service: string
  url: string
  settings: WatchConfiguration
  /** How long the release before may go on answering what it had begun, ms. */
  drainMs: number
  /** Those of the configuration, or what is made of the health and smoke checks where it has none. */
  flows: readonly Flow[]
  signals: Signals
  prober: Prober
  /** Null: no database is configured. */
  invariants: Invariants | null
  advisories: Advisories
  memory: WatchMemoryStore
  clock: Clock
  actor: string
  state(): Promise<ServiceState>
  /** Under the watcher's lease: a watcher that lost it records nothing. @throws OperatorError LEASE_LOST */
  record(events: readonly NewEvent[]): Promise<void>
  /** How many instances should serve. */
  wanted(release: ReleaseId): Promise<number>
  /** Where the release's lockfile is; null: its files are gone. */
  folderOf(release: ReleaseId): Promise<string | null>
  /** Never throws: what stands in the way of planning stands in the way back. */
  planBack(corrupt: boolean): Promise<WayBack>
  /** Runs the rollback, or goes on with one that was cut short. Throws nothing that a person has to know: it is in the journal. */
  act(verdict: Verdict): Promise<void>
  /** Proves what serves, when its bake is over and was clean. */
  settle(): Promise<void>
  /** What is due beside the watching: a checkpoint on schedule. Never throws: what went wrong is in the line. Null: nothing was. */
  upkeep(signal: AbortSignal): Promise<{ line: string; failed: boolean } | null>
  tell(notice: WatchNotice): void
}
