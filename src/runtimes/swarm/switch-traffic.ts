import type { ReleaseId } from '../../domain/release.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { LaunchRecord, SwarmLaunch } from '../../ports/release-store.ts'
import type { PrepareOptions, Switched } from '../../ports/runtime.ts'
import { releaseOfSpec, replicasOf, serviceSpec } from './commands.ts'
import { isThere } from './observe.ts'
import { hasEnded, type Service, type Task } from './parse.ts'
import { keepLog } from './stop-units.ts'
import { listNodes, listTasks, requireService, updateService } from './swarm-api.ts'
import { logPath, POLL_MS, type SwarmContext } from './swarm-context.ts'

/** A replica after the other, each with its boot and the end of the one before. */
const PATIENCE_FACTOR = 2
/** Tasks that fail on the way, before it is called off: one may meet a node that has just gone. */
const MOST_FAILED = 3

/**
 * The recorded spec, over the version that was read, and then every task is watched until what serves is this release alone:
 * that the swarm calls an update "completed" says nothing of what runs. It is never told to roll back: it remembers one step,
 * which may be the bad one. When it does so by itself, that is the finding; it is left to end it.
 */
export async function switchService(
  context: SwarmContext,
  release: ReleaseId,
  launch: LaunchRecord<SwarmLaunch>,
  options: PrepareOptions,
): Promise<Switched> {
  const startedAt = performance.now()
  const before = await requireService(context)
  const ended = new Set((await listTasks(context, before)).filter(hasEnded).map(({ id }) => id))
  if (!(await isAlone(context, before, release, launch.runtime.instances)))
    await updateService(context, before, serviceSpec(release, launch, context))
  context.crash('switch-traffic/activated')
  try {
    await awaitTasks(context, release, launch, options, ended)
  } catch (error) {
    await takeBack(context, before, release, options)
    throw error
  }
  return { gapMs: 0, ms: Math.round(performance.now() - startedAt) }
}

async function isAlone(
  context: SwarmContext,
  service: Service,
  release: ReleaseId,
  instances: number,
): Promise<boolean> {
  const there = (await listTasks(context, service)).filter(isThere)
  const own = there.filter((task) => task.release === release && task.state === 'running')
  return releaseOfSpec(service.spec) === release && own.length === there.length && own.length === instances
}

async function awaitTasks(
  context: SwarmContext,
  release: ReleaseId,
  launch: LaunchRecord<SwarmLaunch>,
  options: PrepareOptions,
  endedBefore: ReadonlySet<string>,
): Promise<void> {
  const { clock } = context
  const { instances } = launch.runtime
  const deadline = clock.now() + options.timeoutMs * instances * PATIENCE_FACTOR
  for (;;) {
    const service = await requireService(context)
    const [tasks, nodes] = await Promise.all([listTasks(context, service), listNodes(context)])
    const lost = new Set(nodes.filter(({ ready }) => !ready).map(({ id }) => id))
    // What ran on a node that is lost is gone, as far as anybody can tell; the swarm starts it elsewhere.
    const there = tasks.filter((task) => isThere(task) && !lost.has(task.node))
    const own = there.filter((task) => task.release === release && task.state === 'running')
    if (own.length >= instances && own.length === there.length) return
    const update = service.update?.state ?? ''
    if (update.startsWith('rollback'))
      throw failed(context, release, `the swarm rolled it back by itself (${service.update?.message})`)
    const bad = tasks.filter(
      (task) =>
        task.release === release && hasEnded(task) && !endedBefore.has(task.id) && task.wanted !== 'remove',
    )
    const failures = bad.filter(({ state }) => state === 'failed' || state === 'rejected')
    const [first] = failures
    if (first !== undefined && (update === 'paused' || failures.length >= MOST_FAILED)) {
      await keepLog(context, release, first)
      throw failed(context, release, `a task ${first.state}: ${first.message}`)
    }
    if (clock.now() >= deadline) throw failed(context, release, describeWaiting(there, release, instances))
    await clock.sleep(POLL_MS)
  }
}

/** `1 of 2 tasks run it; pending: no suitable node (...)` */
function describeWaiting(there: readonly Task[], release: ReleaseId, instances: number): string {
  const own = there.filter((task) => task.release === release)
  const running = own.filter(({ state }) => state === 'running').length
  const waiting = own
    .filter(({ state }) => state !== 'running')
    .map(({ state, message }) => `${state}: ${message}`)
  return [`${running} of ${instances} tasks run it`, ...new Set(waiting)].join('; ')
}

/** The spec that was there, exactly; its tasks that still run are kept. Unless the swarm is at it already. */
async function takeBack(
  context: SwarmContext,
  before: Service,
  release: ReleaseId,
  { timeoutMs }: PrepareOptions,
): Promise<void> {
  const now = await requireService(context)
  if (releaseOfSpec(now.spec) === release && releaseOfSpec(before.spec) !== release)
    await updateService(context, now, before.spec)
  const deadline = context.clock.now() + timeoutMs
  const wanted = replicasOf(before.spec) ?? 1
  for (;;) {
    const there = (await listTasks(context, now)).filter(isThere)
    const back = there.filter((task) => task.release !== release && task.state === 'running')
    if (back.length >= wanted && back.length === there.length) return
    if (context.clock.now() >= deadline) return
    await context.clock.sleep(POLL_MS)
  }
}

function failed(context: SwarmContext, release: ReleaseId, detail: string): OperatorError {
  return new OperatorError('ACTIVATION_FAILED', { release, detail, log: logPath(context, release) })
}
