import type { EventData, EventType, JournalEvent } from './event.ts'
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
])

/** Goes on from a state that was folded before. Changes it, and returns it. */
export function applyEvents(state: ServiceState, events: readonly JournalEvent[]): ServiceState {
  for (const event of events) {
    if (event.service !== state.service) continue
    if (!beside.has(event.type)) state.position = event.seq
    apply(state, event)
  }
  return state
}

type Appliers = {
  [T in EventType]: (state: ServiceState, data: EventData[T], event: JournalEvent) => void
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
    const release = state.releases.find(({ id }) => id === data.release)
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
    const run = state.runs.find(({ id }) => id === data.run)
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
  VerificationRecorded(state, data) {
    state.verification = data.verification
  },
}

function apply<T extends EventType>(state: ServiceState, event: JournalEvent & { type: T }): void {
  // The cast is the price of a table keyed by event type: `type` and `data` always belong together.
  const applier = appliers[event.type] as ((s: ServiceState, d: unknown, e: JournalEvent) => void) | undefined
  applier?.(state, event.data, event)
}

function addRelease(state: ServiceState, release: Release): void {
  state.releases.push({ ...release })
}

function change(state: ServiceState, id: ReleaseId, facts: Partial<Release>): Release | undefined {
  const release = state.releases.find((known) => known.id === id)
  return release && Object.assign(release, facts)
}

function changeRun(state: ServiceState, id: string, mutate: (run: Run) => void): void {
  const run = state.runs.find((known) => known.id === id)
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

const REMEMBERED = 9

function remember(kept: Partial<Record<string, number[]>>, key: string, ms: number): void {
  kept[key] = [...(kept[key] ?? []), ms].slice(-REMEMBERED)
}
