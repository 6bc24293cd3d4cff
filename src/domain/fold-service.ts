import type { EventData, EventType, JournalEvent } from './event.ts'
import { type IncidentEventData, isIncidentEvent } from './incident/incident-events.ts'
import { isNotifyEvent, type NotifyEventData } from './notify/notify-events.ts'
import type { Release, ReleaseId } from './release.ts'
import { NOTHING_DONE, type Run, type StepProgress } from './run.ts'
import type { ServiceState } from './service-state.ts'

export function emptyState(service: string): ServiceState {
  return {
    service,
    position: 0,
    configPath: null,
    claim: null,
    releases: [],
    builds: [],
    live: null,
    liveSince: null,
    liveBy: null,
    adopted: null,
    badCommits: new Map(),
    runs: [],
    verification: null,
    proofs: new Map(),
    measured: { steps: {}, gaps: {} },
    findings: [],
    verdicts: [],
    fixForwardUntil: new Map(),
    recoveries: [],
    baselines: new Map(),
    alertsTaken: [],
  }
}

/** The one reading of the journal: every command, report and page starts from this. Events of other services are skipped. */
export function foldService(service: string, events: readonly JournalEvent[]): ServiceState {
  return applyEvents(emptyState(service), events)
}

/**
 * That somebody looked, which file the service is set up by, or that a release was built which nobody puts out, changes
 * nothing a plan was made from: a check every minute must not make every plan stale, nor the first deploy of a plan its own.
 */
const beside: ReadonlySet<EventType> = new Set([
  'ReleaseBuilt',
  'VerificationRecorded',
  'ServiceRegistered',
  'CheckpointCreated',
  'WaysBackRehearsed',
  'WatchStarted',
  'FindingRecorded',
  'FindingCleared',
  'VerdictReached',
  'VerdictEnded',
  'FixForwardExtended',
  'RecoveryJudged',
  'BaselineRecorded',
  'AlertsTaken',
])

function isBeside(type: EventType): boolean {
  return beside.has(type) || isIncidentEvent(type) || isNotifyEvent(type)
}

/**
 * One to go on from, while the other stays as it is: copied as deep as the appliers below reach. They change a release, a run,
 * a finding or a verdict in place, and put new values where older ones were.
 */
export function copyState(state: ServiceState): ServiceState {
  return {
    ...state,
    releases: state.releases.map((release) => ({ ...release })),
    badCommits: new Map(state.badCommits),
    runs: state.runs.map((run) => ({ ...run, steps: { ...run.steps } })),
    proofs: new Map(state.proofs),
    measured: { steps: { ...state.measured.steps }, gaps: { ...state.measured.gaps } },
    findings: state.findings.map((finding) => ({ ...finding })),
    verdicts: state.verdicts.map((verdict) => ({ ...verdict })),
    fixForwardUntil: new Map(state.fixForwardUntil),
    recoveries: [...state.recoveries],
    baselines: new Map(state.baselines),
  }
}

/** Goes on from a state that was folded before. Changes it, and returns it. */
export function applyEvents(state: ServiceState, events: readonly JournalEvent[]): ServiceState {
  for (const event of events) {
    if (event.service !== state.service) continue
    if (!isBeside(event.type)) state.position = event.seq
    apply(state, event)
  }
  return state
}

/** What is written about an incident is folded by `incident/`, what is told by `notify/`; neither is anything to a plan. */
type Appliers = {
  [T in Exclude<EventType, keyof IncidentEventData | keyof NotifyEventData>]: (
    state: ServiceState,
    data: EventData[T],
    event: JournalEvent,
  ) => void
}

const appliers: Appliers = {
  ServiceRegistered(state, data) {
    state.configPath = data.configPath
    state.claim = data.claim
  },
  ReleaseBuildStarted: (state, data) => void state.builds.push(data.release),
  ReleaseBuilt: (state, data) => addRelease(state, data.release),
  ReleaseAdopted(state, data) {
    addRelease(state, data.release)
    state.adopted = { unit: data.unit, directory: data.directory }
  },
  ReleaseMarkedBad(state, data) {
    change(state, data.release, { bad: data.mark })
    if (data.commit !== null) state.badCommits.set(data.commit, data.mark)
  },
  ReleaseMarkedProven(state, data) {
    const release = change(state, data.release, { proven: data.mark, bad: null })
    if (release?.commit) state.badCommits.delete(release.commit)
  },
  ReleaseRetired: (state, data, event) => void change(state, data.release, { retiredAt: event.at }),
  ReleaseBooted: (state, data) => void change(state, data.release, { bootMs: data.bootMs }),
  ReleaseWentLive(state, data, event) {
    state.live = data.release
    state.liveSince = event.at
    state.liveBy = data.by
    const release = state.releases.findLast(({ id }) => id === data.release)
    if (release) release.firstLiveAt ??= event.at
  },
  ReleaseTakenDown(state, data) {
    if (state.live !== data.release) return
    state.live = null
    state.liveSince = null
    state.liveBy = null
  },
  RunStarted(state, data, event) {
    state.runs.push({
      id: data.run,
      plan: data.plan,
      actor: event.actor,
      reason: data.reason,
      forced: data.forced,
      verdict: data.verdict ?? null,
      startedAt: event.at,
      endedAt: null,
      status: 'running',
      steps: {},
      puttingBack: false,
      failure: null,
    })
  },
  RunResumed: (state, data) =>
    changeRun(state, data.run, (run) => {
      run.status = 'running'
      run.endedAt = null
      run.puttingBack ||= data.putBack
    }),
  StepStarted: (state, data, event) => setStep(state, data, { status: 'started', startedAt: event.at }),
  StepNoted(state, data) {
    const noted = state.runs.find(({ id }) => id === data.run)?.steps[data.step]?.noted
    setStep(state, data, { noted: { ...noted, ...data.noted } })
  },
  StepSucceeded(state, data, event) {
    setStep(state, data, { status: 'succeeded', endedAt: event.at, evidence: data.evidence })
    const run = state.runs.findLast(({ id }) => id === data.run)
    remember(state.measured.steps, data.kind, data.ms)
    if (run && typeof data.evidence.gapMs === 'number')
      remember(state.measured.gaps, run.plan.way, data.evidence.gapMs)
    if (typeof data.evidence.unavailableMs === 'number')
      remember(state.measured.gaps, 'swap', data.evidence.unavailableMs)
  },
  StepFailed(state, data, event) {
    setStep(state, data, { status: 'failed', endedAt: event.at })
    changeRun(state, data.run, (run) => {
      run.failure = { step: data.step, code: data.code, message: data.message }
    })
  },
  StepUndoStarted(state, data) {
    setStep(state, data, { status: 'undoing' })
    changeRun(state, data.run, (run) => {
      run.puttingBack = true
    })
  },
  StepUndone: (state, data, event) => setStep(state, data, { status: 'undone', endedAt: event.at }),
  RunSucceeded: (state, data, event) => endRun(state, data.run, 'succeeded', event.at),
  RunPutBack: (state, data, event) => endRun(state, data.run, 'put-back', event.at),
  RunStopped: (state, data, event) => endRun(state, data.run, 'stopped', event.at),
  CheckpointCreated: () => {},
  MigrationsApplied: () => {},
  MigrationsTakenDown: () => {},
  WaysBackRehearsed: (state, data) => void state.proofs.set(data.release, data.proof),
  DatabaseSwapped: () => {},
  DatabaseSwappedBack: () => {},
  RowsSalvaged: () => {},
  WritesFrozen: () => {},
  WritesUnfrozen: () => {},
  WatchStarted: () => {},
  FindingRecorded: (state, { finding }, { at, actor }) =>
    void state.findings.push({ ...finding, by: actor, recordedAt: at, cleared: null }),
  FindingCleared(state, { finding: id, reason }, { at, actor }) {
    const finding = state.findings.findLast((known) => known.id === id)
    if (finding) finding.cleared ??= { at, by: actor, reason }
  },
  VerdictReached: (state, { verdict }, { at, actor }) =>
    void state.verdicts.push({ ...verdict, decidedAt: at, by: actor, ended: null }),
  VerdictEnded(state, { verdict: id, how, reason }, { at, actor }) {
    const verdict = state.verdicts.findLast((known) => known.id === id)
    if (verdict) verdict.ended ??= { at, by: actor, how, reason }
  },
  FixForwardExtended: (state, { release, until }) => void state.fixForwardUntil.set(release, until),
  RecoveryJudged: (state, { release, outcome, detail }, { at }) =>
    void state.recoveries.push({ release, at, outcome, detail }),
  BaselineRecorded: (state, { baseline }) => void state.baselines.set(baseline.release, baseline),
  AlertsTaken(state, { key }) {
    state.alertsTaken = [...state.alertsTaken, key].slice(-MOST_ALERTS)
  },
  VerificationRecorded(state, data) {
    state.verification = data.verification
  },
}

function apply<T extends EventType>(state: ServiceState, event: JournalEvent & { type: T }): void {
  // The cast is the price of a table keyed by event type: `type` and `data` always belong together.
  const applier = (appliers as Partial<Record<EventType, unknown>>)[event.type] as
    | ((s: ServiceState, d: unknown, e: JournalEvent) => void)
    | undefined
  applier?.(state, event.data, event)
}

function addRelease(state: ServiceState, release: Release): void {
  state.releases.push({ ...release })
}

function change(state: ServiceState, id: ReleaseId, facts: Partial<Release>): Release | undefined {
  const release = state.releases.findLast((known) => known.id === id)
  return release && Object.assign(release, facts)
}

function changeRun(state: ServiceState, id: string, mutate: (run: Run) => void): void {
  const run = state.runs.findLast((known) => known.id === id)
  if (run) mutate(run)
}

function setStep(state: ServiceState, at: { run: string; step: string }, facts: Partial<StepProgress>): void {
  changeRun(state, at.run, (run) => {
    run.steps[at.step] = { ...(run.steps[at.step] ?? NOTHING_DONE), ...facts }
  })
}

function endRun(state: ServiceState, id: string, status: Run['status'], at: string): void {
  changeRun(state, id, (run) => {
    run.status = status
    run.endedAt = at
  })
}

/** Alertmanager repeats within hours; nobody sends the same a thousand notifications later. */
const MOST_ALERTS = 1_000
const REMEMBERED = 9

function remember(kept: Partial<Record<string, number[]>>, key: string, ms: number): void {
  kept[key] = [...(kept[key] ?? []), ms].slice(-REMEMBERED)
}
