import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ReleaseId } from '../../domain/release.ts'
import type { StoppedUnits } from '../../ports/runtime.ts'
import { releaseOfSpec, remindingSpec, replicasOf } from './commands.ts'
import { releaseOf, tasksThere, unitOf } from './observe.ts'
import type { Service, Task } from './parse.ts'
import {
  findService,
  listProbes,
  readTaskLog,
  removeService,
  requireService,
  updateService,
} from './swarm-api.ts'
import { FORGOTTEN_MS, logPath, POLL_MS, type SwarmContext } from './swarm-context.ts'
import { settleRouter } from './tell-router.ts'

const LOG_LINES = 1_000
/** From the removal of a service to the end of its last task. */
const GONE_MS = 30_000

export async function removeProbe(context: SwarmContext, release: ReleaseId): Promise<void> {
  await removeProbes(context, (of) => of === release)
}

async function removeProbes(
  context: SwarmContext,
  isDoomed: (release: ReleaseId | null) => boolean,
): Promise<string[]> {
  const doomed = (await listProbes(context)).filter(({ spec }) => isDoomed(releaseOfSpec(spec)))
  for (const probe of doomed) await removeService(context, probe)
  const gone = async () =>
    (await Promise.all(doomed.map((probe) => tasksThere(context, probe)))).flat().length === 0
  await until(context, gone, GONE_MS)
  return doomed.map(({ name }) => name)
}

/**
 * The swarm itself stops what it has replaced; what is waited for is that it has. What was tried goes on running only where
 * it may wait: not of what serves.
 */
export async function stopOthers(
  context: SwarmContext,
  keep: readonly ReleaseId[],
  timeoutMs: number,
): Promise<StoppedUnits> {
  const service = await findService(context, context.name)
  const live = service === null ? null : releaseOfSpec(service.spec)
  const mayWait = (release: ReleaseId | null) =>
    release !== null && release !== live && keep.includes(release)
  const stopped = await removeProbes(context, (release) => !mayWait(release))
  if (service === null) return { stopped, drained: true }
  const others = async () => {
    const there = await tasksThere(context, service)
    return there.filter((task) => !keep.includes(releaseOf(context, task) ?? ''))
  }
  const left = await others()
  const drained = await until(context, async () => (await others()).length === 0, timeoutMs)
  await endSurplus(context, service)
  await settleRouter(context, service)
  return {
    stopped: [...stopped, ...new Set(left.map((task) => unitOf(context, releaseOf(context, task))))],
    drained,
  }
}

/** Whoever looks finds as many tasks as were asked for, not one more that was begun for one on a node that came back. */
async function endSurplus(context: SwarmContext, service: Service): Promise<void> {
  const wanted = replicasOf(service.spec)
  if (wanted === null) return
  const running = async () => (await tasksThere(context, service)).filter(({ runs }) => runs)
  const isEnough = async () => (await running()).filter(({ ends }) => !ends).length <= wanted
  if (!(await until(context, isEnough, FORGOTTEN_MS))) {
    const now = await requireService(context)
    await updateService(context, now, remindingSpec(now.spec))
  }
  await until(context, async () => (await running()).length <= wanted, GONE_MS)
}

/** The service itself is the user's: where it is this release, it is told to run no task. */
export async function stopRelease(context: SwarmContext, release: ReleaseId): Promise<void> {
  await removeProbe(context, release)
  const service = await findService(context, context.name)
  if (service === null || releaseOfSpec(service.spec) !== release) return
  await updateService(context, service, { ...service.spec, Mode: { Replicated: { Replicas: 0 } } })
  await until(context, async () => (await tasksThere(context, service)).length === 0, GONE_MS)
}

/** Its output goes with the task. */
export async function keepLog(context: SwarmContext, release: ReleaseId, task: Task): Promise<void> {
  const lines = await readTaskLog(context, task, LOG_LINES)
  if (lines.length === 0) return
  const path = logPath(context, release)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o600 })
}

async function until(
  { clock }: SwarmContext,
  done: () => Promise<boolean>,
  timeoutMs: number,
): Promise<boolean> {
  const deadline = clock.now() + timeoutMs
  while (!(await done())) {
    if (clock.now() >= deadline) return false
    await clock.sleep(POLL_MS)
  }
  return true
}
