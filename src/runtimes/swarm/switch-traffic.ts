import type { ReleaseId } from '../../domain/release.ts'
import { messageOf } from '../../errors/operator-error.ts'
import type { LaunchRecord, SwarmLaunch } from '../../ports/release-store.ts'
import type { PrepareOptions, Switched } from '../../ports/runtime.ts'
import { activationFailed, awaitTasks, isServing } from './await-tasks.ts'
import { releaseOfSpec, replicasOf, serviceSpec } from './commands.ts'
import { isThere, type SeenTask, seeTasks, tasksThere } from './observe.ts'
import { hasEnded, type Service } from './parse.ts'
import { listTasks, requireService, updateService } from './swarm-api.ts'
import { POLL_MS, type SwarmContext } from './swarm-context.ts'
import { settleRouter, tellRouter } from './tell-router.ts'

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
  if (!(await isUnderWay(context, before, release, launch.runtime.instances)))
    await updateService(context, before, serviceSpec(release, launch, context))
  context.crash('switch-traffic/activated')
  try {
    await awaitTasks(context, release, launch, options, ended)
  } catch (error) {
    await takeBack(context, before, release, options).catch((second: unknown) => {
      const detail = `${messageOf(error)} And what served could not be set again: ${messageOf(second)}`
      throw activationFailed(context, release, detail.replace(/\.$/, ''))
    })
    throw error
  }
  await settleRouter(context, before)
  return { gapMs: 0, ms: Math.round(performance.now() - startedAt) }
}

/** It serves alone, or the swarm is at it: begun by a run that was killed, or by the swarm itself, which goes back to it. */
async function isUnderWay(
  context: SwarmContext,
  service: Service,
  release: ReleaseId,
  instances: number,
): Promise<boolean> {
  if (releaseOfSpec(service.spec) !== release) return false
  if (UNDER_WAY.includes(service.update?.state ?? '')) return true
  return isAlone(await tasksThere(context, service), release, instances)
}

const UNDER_WAY = ['updating', 'rollback_started']

function isAlone(there: readonly SeenTask[], release: ReleaseId, instances: number): boolean {
  return there.length >= instances && there.every((task) => isServing(task, release))
}

/** The spec that was there, exactly; its tasks that still run are kept. Unless the swarm or somebody else has set another. */
async function takeBack(
  context: SwarmContext,
  before: Service,
  release: ReleaseId,
  { timeoutMs }: PrepareOptions,
): Promise<void> {
  // It was set already by a run that was killed: what was there before that is not known here.
  if (releaseOfSpec(before.spec) === release) return settleRouter(context, before)
  const now = await requireService(context)
  if (releaseOfSpec(now.spec) === release) await updateService(context, now, before.spec)
  const deadline = context.clock.now() + timeoutMs
  const wanted = replicasOf(before.spec) ?? 1
  for (;;) {
    const all = await seeTasks(context, now)
    const isForgotten = await tellRouter(context, all)
    const there = all.filter(isThere)
    const back = there.filter((task) => task.release !== release && task.runs && !task.ends)
    const isBack = back.length >= wanted && there.every((task) => task.ends || back.includes(task))
    if (isBack && isForgotten) return
    if (context.clock.now() >= deadline) return
    await context.clock.sleep(POLL_MS)
  }
}
