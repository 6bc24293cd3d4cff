import { randomUUID } from 'node:crypto'
import { foldService } from '../../src/domain/fold-service.ts'
import type { Instance } from '../../src/domain/instance.ts'
import type { Plan } from '../../src/domain/plan.ts'
import type { Release, ReleaseId } from '../../src/domain/release.ts'
import { type ServiceState, unfinishedRun } from '../../src/domain/service-state.ts'
import { OperatorError } from '../../src/errors/operator-error.ts'
import { executePlan, resumeRun } from '../../src/executor/execute-plan.ts'
import type { ExecutionPorts, Progress, RunOutcome } from '../../src/executor/execution.ts'
import { stepHandlers } from '../../src/executor/handlers/index.ts'
import type { StepHandlers } from '../../src/executor/step-handler.ts'
import { eventOf, type StepPorts } from '../../src/executor/step-ports.ts'
import { requireRelease } from '../../src/planner/choose-target.ts'
import { planDeploy } from '../../src/planner/plan-deploy.ts'
import { planRollback } from '../../src/planner/plan-rollback.ts'
import type { PlanningInput } from '../../src/planner/planning-input.ts'
import type { Planned } from '../../src/planner/refusal.ts'
import { refuseUnfinished } from '../../src/planner/refuse-unfinished.ts'
import type { CachePurger } from '../../src/ports/cache-purger.ts'
import type { Lease } from '../../src/ports/journal.ts'
import type { Prober } from '../../src/ports/prober.ts'
import { createFakeClock } from './fake-clock.ts'
import { FakeHost } from './fake-host.ts'
import { createFakeRuntime } from './fake-runtime.ts'
import { createFakeShelf } from './fake-shelf.ts'
import { createMemoryStore, openMemoryJournal } from './memory-journal.ts'
import { able } from './planning.ts'
import { configurationFor } from './temporary-project.ts'

export const LEASE_MS = 10_000

/** Thrown where a process is killed. Nobody may catch it and go on: its journal and runtime are dead from then on. */
export class Killed extends Error {}

export interface RunOptions {
  /** Die at this crash point: its name, or how many are passed before. */
  crashAt?: string | number
  /** Ctrl-C, at this crash point. */
  abortAt?: string
  /** The lease runs out, at this crash point. */
  loseLeaseAt?: string
  reason?: string
  force?: boolean
  /** Changes a handler for this run. */
  handlers?: (handlers: StepHandlers) => StepHandlers
  /** Changes the plan before it is executed. */
  edit?: (plan: Plan) => Plan
}

export interface FakeServiceSettings {
  mode?: 'cluster' | 'fork'
  agent?: boolean
  /** Only without the agent, and where two releases can take traffic at once. */
  keepsTried?: boolean
  standby?: 'warm' | 'none'
  instances?: number
  keep?: number
  cache?: CachePurger
}

/** A whole service in memory: the real planner, executor, handlers and journal rules on a fake host and a fake clock. */
export function openFakeService(settings: FakeServiceSettings = {}) {
  const { mode = 'cluster', agent = true, standby = 'none', instances = 2, keep = 5, cache = null } = settings
  const clock = createFakeClock()
  const host = new FakeHost()
  host.keepsTried = settings.keepsTried === true && !agent && mode === 'cluster'
  const configuration = configurationFor('/srv/store', {
    standby,
    keep,
    runtime: { mode, agent, instances },
  })
  const memory = createMemoryStore()
  const journal = openMemoryJournal(memory, clock)
  const shelf = createFakeShelf(host, clock, configuration)
  const progress: Progress[] = []
  const points: string[] = []

  const state = async (): Promise<ServiceState> =>
    foldService('store', await journal.read({ service: 'store' }))

  async function planningInput(current: ServiceState): Promise<PlanningInput> {
    return {
      state: current,
      instances: await createFakeRuntime({ host, clock }).observe('quick'),
      capabilities: able(agent, mode === 'cluster', host.keepsTried),
      wanted: instances,
      settings: {
        standby,
        verifyWindowMs: 1_000,
        drainTimeoutMs: 1_000,
        migrates: false,
        clearsCache: cache !== null,
      },
      database: null,
      nextCheckpoint: null,
      restoreId: 'p1',
      planId: randomUUID(),
      madeAt: new Date(clock.now()).toISOString(),
    }
  }

  /** One process: it takes the lease, works, and gives it back, unless it is killed. */
  async function asProcess(
    options: RunOptions,
    work: (ports: ExecutionPorts, current: ServiceState) => Promise<RunOutcome>,
  ): Promise<RunOutcome> {
    const taken = await journal.acquire('store', 'ann', 'a test', LEASE_MS)
    if (!taken.ok) {
      const { holder, reason, since } = taken.heldBy
      throw new OperatorError('LEASE_HELD', { holder, reason, since, service: 'store', seconds: 10 })
    }
    const life = { dead: false }
    const abort = new AbortController()
    let passed = 0
    const crash = (point: string) => {
      if (life.dead) throw new Killed()
      points.push(point)
      if (point === options.abortAt) abort.abort(new OperatorError('INTERRUPTED', { step: '' }))
      if (point === options.loseLeaseAt) clock.advance(LEASE_MS + 1)
      if (point !== options.crashAt && passed++ !== options.crashAt) return
      life.dead = true
      throw new Killed()
    }
    const current = await state()
    const stepPorts: StepPorts = {
      ...shelf,
      runtime: mortal(createFakeRuntime({ host, clock, crash }), life),
      prober: proberOf(host),
      database: null,
      rehearsalRuntime: createFakeRuntime({ clock }),
      cache,
      crash,
      clock,
      actor: 'ann',
      state: current,
      configuration,
      configurationText: '',
      configPath: '/srv/store/lastgood.yaml',
      secrets: [],
    }
    const handlers = stepHandlers(stepPorts)
    const ports: ExecutionPorts = {
      journal: mortal(beating(journal, taken.lease), life),
      lease: taken.lease,
      handlers: options.handlers?.(handlers) ?? handlers,
      clock,
      crash,
      actor: 'ann',
      signal: abort.signal,
      onProgress: (each) => void progress.push(each),
    }
    try {
      return await work(ports, current)
    } finally {
      if (!life.dead) await journal.release(taken.lease)
    }
  }

  /** A real process renews its lease all the time; here it does whenever it has something to say. */
  function beating(inner: typeof journal, lease: Lease): typeof journal {
    return {
      ...inner,
      async append(events, fence) {
        await inner.renew(lease, LEASE_MS)
        return inner.append(events, fence)
      },
    }
  }

  async function planAndRun(
    verb: Plan['verb'],
    plan: (input: PlanningInput) => Planned,
    options: RunOptions,
  ): Promise<RunOutcome> {
    const current = await state()
    const refused = refuseUnfinished(current, verb, await journal.current('store'), clock.now())
    if (refused !== null) throw new OperatorError(refused.refused.code, refused.refused.params)
    const planned = plan(await planningInput(current))
    if ('refused' in planned) throw new OperatorError(planned.refused.code, planned.refused.params)
    const edited = options.edit?.(planned.plan) ?? planned.plan
    const request = {
      plan: edited,
      runId: edited.id,
      reason: options.reason ?? 'a test',
      forced: options.force ?? false,
    }
    return asProcess(options, (ports, now) => executePlan(ports, now, request))
  }

  return {
    host,
    clock,
    journal,
    progress,
    points,
    store: shelf.store,
    state,
    planningInput,
    asProcess,

    deploy(commit: string, options: RunOptions = {}): Promise<RunOutcome> {
      const request = {
        commit,
        ref: commit,
        subject: 'A change',
        force: options.force ?? false,
        withoutWayBack: false,
      }
      return planAndRun('deploy', (input) => planDeploy(input, request), options)
    },

    rollback(name: string | null = null, options: RunOptions = {}): Promise<RunOutcome> {
      return planAndRun('rollback', (input) => planRollback(input, name), options)
    },

    async resume(wantPutBack = false, options: RunOptions = {}): Promise<RunOutcome | null> {
      const run = unfinishedRun(await state())
      if (run === null) return null
      return asProcess(options, (ports, now) => {
        const found = now.runs.find(({ id }) => id === run.id) ?? run
        return resumeRun(ports, now, found, wantPutBack)
      })
    },

    async mark(word: 'bad' | 'proven', name: string): Promise<Release> {
      const current = await state()
      const found = requireRelease(current, name)
      if ('refused' in found) throw new OperatorError(found.refused.code, found.refused.params)
      const { id, commit } = found.release
      const ports = { actor: 'ann', clock, state: current }
      const mark = { at: new Date(clock.now()).toISOString(), actor: 'ann', reason: 'a test' }
      await journal.append([
        word === 'bad'
          ? eventOf(ports, 'ReleaseMarkedBad', `release/${id}`, { release: id, commit, mark })
          : eventOf(ports, 'ReleaseMarkedProven', `release/${id}`, { release: id, mark }),
      ])
      return found.release
    },

    /** The releases that take new requests. */
    serving(): (ReleaseId | null)[] {
      return [...new Set(host.listening().map(({ release }) => release))]
    },

    observe: (): Promise<Instance[]> => createFakeRuntime({ host, clock }).observe('full'),
    /** A killed process's lease ends. */
    expireLease: () => clock.advance(LEASE_MS + 1),
  }
}

export type FakeService = ReturnType<typeof openFakeService>

/** Answers as the processes of the host would. */
function proberOf(host: FakeHost): Prober {
  const prober: Prober = {
    async probe(target) {
      const asked = 'url' in target ? host.listening() : [host.at(target)].filter((one) => one !== null)
      if (asked.length === 0) return { outcome: 'unknown', evidence: 'connection refused', ms: 1 }
      const where = 'url' in target ? 'public' : 'private'
      const sick = asked.some((process) => host.isSick(process, where))
      return sick
        ? { outcome: 'failed', evidence: 'status 500', ms: 1 }
        : { outcome: 'passed', evidence: 'status 200', ms: 1 }
    },
    async probeFlow(target, { steps }) {
      const [first] = steps
      if (first === undefined)
        return { outcome: 'passed', evidence: '0 steps', ms: 0, late: false, leftBehind: null }
      return { ...(await prober.probe(target, first)), late: false, leftBehind: null }
    },
  }
  return prober
}

/** From the kill on, nothing that the process still tries has an effect. */
function mortal<T extends object>(inner: T, life: { dead: boolean }): T {
  return new Proxy(inner, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        if (life.dead) throw new Killed()
        return Reflect.apply(value, target, args)
      }
    },
  })
}
