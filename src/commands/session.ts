import type { Configuration } from '../domain/configuration.ts'
import type { IncidentLog } from '../domain/incident/incident-log.ts'
import type { IssuesConfiguration } from '../domain/incident-configuration.ts'
import type { Release } from '../domain/release.ts'
import type { ServiceState } from '../domain/service-state.ts'
import type { OperatorError } from '../errors/operator-error.ts'
import type { Crash } from '../executor/crash-points.ts'
import type { StepPorts } from '../executor/step-ports.ts'
import type { OnCallAnswer } from '../incident/find-on-call.ts'
import type { Outbox } from '../outbox/pump-outbox.ts'
import type { CachePurger } from '../ports/cache-purger.ts'
import type { Clock } from '../ports/clock.ts'
import type { CommandRunner } from '../ports/command-runner.ts'
import type { DatabasePorts } from '../ports/database.ts'
import type { IssueTracker } from '../ports/issue-tracker.ts'
import type { Journal, Leases } from '../ports/journal.ts'
import type { NotifyPorts } from '../ports/notify.ts'
import type { Prober } from '../ports/prober.ts'
import type { ReleaseStore, RuntimeSettings } from '../ports/release-store.ts'
import type { Runtime } from '../ports/runtime.ts'
import type { Source } from '../ports/source.ts'
import type { WatchMemoryStore } from '../ports/watch-memory.ts'
import type { WatchSources } from '../ports/watch-sources.ts'
import type { Screen } from '../render/screen.ts'
import type { World } from '../world.ts'

/** Options every command takes. */
export interface GlobalOptions {
  json: boolean
  home: string
  config: string
  debug: boolean
}

/** What a command is given: its words, and the doors it may open. It opens none that it does not need. */
export interface CommandInput {
  args: Record<string, string | undefined>
  options: Record<string, string | boolean | undefined>
  global: GlobalOptions
  world: World
  screen: Screen
  /** The service's configuration, journal and runtime. @throws OperatorError NO_CONFIG, CONFIG_INVALID, HOME_* , JOURNAL_* */
  open(need: { write: boolean; fresh?: boolean }): Promise<Session>
  /** The journal as it is, also when it is damaged. */
  openJournal(): Promise<Journal>
  runner: CommandRunner
  issueTracker(settings: IssuesConfiguration): Promise<IssueTracker>
}

/** One service, ready to be worked on. */
export interface Session {
  service: string
  configuration: Configuration
  configurationText: string
  configPath: string
  /** Why the file could not be used and the configuration of the serving release is used instead; null: it is in use. */
  configProblem: OperatorError | null
  journal: Journal & Leases
  store: ReleaseStore
  source: Source
  runtime: Runtime
  /** Null: the configuration has no database. */
  database: DatabasePorts | null
  /** Of rehearsals alone: nothing in it is ever taken for what serves. */
  rehearsalRuntime: Runtime
  prober: Prober
  /** What a watch looks with; made anew by each call, and loaded by the first. */
  watch(): Promise<WatchSources>
  watchMemory: WatchMemoryStore
  clock: Clock
  crash: Crash
  actor: string
  runbookPath: string
  /** Reports, people's edits to them and invites: a folder for each incident. */
  incidentsFolder: string
  /** What a shell needs before the runtime's own commands are typed by hand. */
  runtimeSetup(): Promise<string[]>
  /** As the journal has it now. */
  state(): Promise<ServiceState>
  /** As the journal has them now; to be read only. */
  incidents(): Promise<IncidentLog>
  /** Who is on call now, and why the configured command could not be believed. */
  onCall(): Promise<OnCallAnswer>
  /** Null: no cache is configured. */
  cache: CachePurger | null
  stepPorts(state: ServiceState): StepPorts
  /** Tells others what has happened; loaded when it is first asked for. */
  outbox(): Promise<Outbox>
  /** The ports behind it, for a test of them. */
  notify(): Promise<NotifyPorts>
  adopt: AdoptRelease
  close(): Promise<void>
}

export type AdoptRelease = (request: AdoptFolderRequest) => Promise<AdoptedFolder>

export interface AdoptFolderRequest {
  release: string
  /** Null: it runs in none. */
  folder: string | null
  env: Record<string, string>
  runtime: RuntimeSettings
  signal: AbortSignal
}

export interface AdoptedFolder {
  release: Release
  files: number
  bytes: number
  /** Tracked files that differ from the commit; null when it is no git checkout. */
  changes: string[] | null
}

/** A command's end: its exit code and the fields of its --json document. */
export interface CommandResult {
  exit: number
  document: Record<string, unknown>
  error?: OperatorError
}

export interface CommandModule {
  run(input: CommandInput): Promise<CommandResult>
}
