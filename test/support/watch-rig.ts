import { DEFAULT_WATCH } from '../../src/domain/default-watch.ts'
import type { EventData, EventType, JournalEvent, NewEvent } from '../../src/domain/event.ts'
import type { FlowResult } from '../../src/domain/flow.ts'
import { foldService } from '../../src/domain/fold-service.ts'
import type { Plan } from '../../src/domain/plan.ts'
import type { Reading } from '../../src/domain/reading.ts'
import type { ServiceState } from '../../src/domain/service-state.ts'
import type { WatchConfiguration } from '../../src/domain/watch-configuration.ts'
import type { InvariantResult } from '../../src/ports/invariants.ts'
import type { WatchNotice, WatchPorts } from '../../src/watch/watch-ports.ts'
import { Watcher } from '../../src/watch/watcher.ts'
import { createFakeClock } from './fake-clock.ts'
import { openMemoryJournal } from './memory-journal.ts'
import { mark } from './planning.ts'
import { releaseFor } from './temporary-project.ts'

export class Killed extends Error {}

const SERVICE = 'store'

/** A service with r1 proven behind r2, which serves; its counters, checks and clock are the test's. */
export async function openWatchRig(changes: Partial<WatchConfiguration> = {}) {
  const clock = createFakeClock()
  const journal = openMemoryJournal(undefined, clock)
  const told: WatchNotice[] = []
  const counted = new Map<string, { requests: number; errors: number }>()
  const world = {
    /** Called at every place where a process could die; a test throws {@link Killed} there. */
    crash: (_: string) => {},
    wayBack: { ok: true, to: 'r1' } as Awaited<ReturnType<WatchPorts['planBack']>>,
    flow: { outcome: 'passed', evidence: 'all well', late: false, ms: 1, leftBehind: null } as FlowResult,
    invariant: { outcome: 'passed', evidence: '0', ms: 1 } as InvariantResult,
    blind: false,
    /** Requests that wait for their answers; null: the source does not tell. */
    open: null as number | null,
    /** How a rollback ends. */
    ends: 'succeeded' as 'succeeded' | 'put-back',
  }
  let saved: unknown = null

  const event = <T extends EventType>(type: T, data: EventData[T]): NewEvent =>
    ({
      ...{ type, data, service: SERVICE, subject: 'service/store', actor: 'ann' },
      at: new Date(clock.now()).toISOString(),
    }) as NewEvent
  const happened = async <T extends EventType>(type: T, data: EventData[T]) => {
    await journal.append([event(type, data)])
  }
  const state = async (): Promise<ServiceState> =>
    foldService(SERVICE, await journal.read({ service: SERVICE }))

  for (const id of ['r1', 'r2']) {
    await happened('ReleaseBuilt', { release: releaseFor(id), buildMs: 1, files: 1, bytes: 1 })
    await happened('ReleaseWentLive', { release: id, from: null, by: 'deploy' })
    if (id === 'r1') await happened('ReleaseMarkedProven', { release: id, mark })
  }

  async function act(verdict: { id: string }): Promise<void> {
    const before = await state()
    const own = before.runs.find((run) => run.verdict === verdict.id)
    if (own !== undefined && own.status !== 'running') return
    const id = own?.id ?? `run-${before.runs.length + 1}`
    const plan = { verb: 'rollback', from: 'r2', to: 'r1', way: 'held', steps: [] } as unknown as Plan
    if (own === undefined)
      await happened('RunStarted', { run: id, plan, reason: '', forced: false, verdict: verdict.id })
    world.crash('act/started')
    if (world.ends === 'succeeded' && before.live !== 'r1')
      await happened('ReleaseWentLive', { release: 'r1', from: 'r2', by: 'rollback' })
    world.crash('act/switched')
    await (world.ends === 'succeeded'
      ? happened('RunSucceeded', { run: id, ms: 1 })
      : happened('RunPutBack', { run: id, code: 'TARGET_SICK', message: 'sick' }))
    world.crash('act/ended')
  }

  const readings = async (): Promise<Reading[]> => {
    const { live } = await state()
    const { requests, errors } = counted.get(live ?? '') ?? { requests: 0, errors: 0 }
    const buckets = (fast: number) => (world.open === null ? null : { le: [1_000], count: [fast, 0] })
    const timed = { latency: buckets(requests), waiting: buckets(world.open ?? 0) }
    const nothing = { ...timed, abandoned: null, connections: null, sessions: null }
    const reading = { instance: '1', release: live, at: clock.now(), startedAt: 0, answered: true }
    return [{ ...reading, ...nothing, requests, errors, rss: 1e8 }]
  }

  const ports = (): WatchPorts => ({
    service: SERVICE,
    url: 'http://127.0.0.1:1',
    settings: { ...DEFAULT_WATCH, ...changes },
    drainMs: 30_000,
    flows: [{ name: 'checkout', everyMs: 5_000, steps: [], cleanup: [] }],
    signals: {
      source: 'the test',
      read: async () =>
        world.blind
          ? { ok: false, detail: 'nobody answers' }
          : { ok: true, readings: await readings(), problems: [] },
    },
    prober: {
      probe: async () => ({ outcome: 'passed', evidence: '', ms: 1 }),
      probeFlow: async () => world.flow,
    },
    invariants: { check: async () => world.invariant, number: async () => 1, close: async () => {} },
    advisories: { check: async () => ({ advisories: [], problems: [] }) },
    memory: {
      load: async () => (saved === null ? null : JSON.parse(JSON.stringify(saved))),
      async save(memory) {
        world.crash('memory/before')
        saved = JSON.parse(JSON.stringify(memory))
        world.crash('memory/saved')
      },
    },
    clock,
    actor: 'watcher',
    state,
    async record(events) {
      world.crash('record/before')
      await journal.append(events)
      world.crash('record/written')
    },
    wanted: async () => 1,
    folderOf: async () => null,
    planBack: async () => world.wayBack,
    act,
    settle: async () => {},
    upkeep: async () => null,
    tell: (notice) => void told.push(notice),
  })

  return {
    world,
    clock,
    told,
    state,
    happened,
    watcher: () => new Watcher(ports()),
    /** Answers of what serves, until the next look. */
    async serve(requests: number, errors: number) {
      const { live } = await state()
      const known = counted.get(live ?? '') ?? { requests: 0, errors: 0 }
      counted.set(live ?? '', { requests: known.requests + requests, errors: known.errors + errors })
    },
    async events<T extends EventType>(type: T): Promise<EventData[T][]> {
      const all: JournalEvent[] = await journal.read({ service: SERVICE })
      return all.flatMap((each) => (each.type === type ? [each.data as EventData[T]] : []))
    },
  }
}
