import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { listAgents } from '../../agent-client/agent-client.ts'
import { awaitDrained } from '../../agent-client/let-go.ts'
import { forgetRelease, sharedFolder } from '../../agent-client/run-folder.ts'
import { type Container, readLog, removeContainer } from '../../docker/containers.ts'
import type { ReleaseId } from '../../domain/release.ts'
import type { StoppedUnits } from '../../ports/runtime.ts'
import { LABEL } from './commands.ts'
import { type ComposeContext, logPath } from './compose-context.ts'
import { allContainers, containersOf, isProbe, releaseOf, unitOf } from './observe.ts'

/** What nobody speaks to may be ended soon: it has nothing to finish. */
const IDLE_GRACE_SECONDS = 1
const LOG_LINES = 1_000

/** @param idle it has never had any traffic */
export async function stopRelease(
  context: ComposeContext,
  release: ReleaseId,
  { idle }: { idle: boolean } = { idle: false },
): Promise<void> {
  await removeAll(context, await containersOf(context, release), idle)
  await forgetRelease(sharedFolder(context.runFolder), release)
}

/** One that still listens would be waited for in vain. */
async function awaitUnused(
  { router, runFolder }: ComposeContext,
  doomed: readonly Container[],
): Promise<void> {
  if (router === null || doomed.length === 0) return
  const agents = await listAgents(sharedFolder(runFolder))
  const left = doomed.filter(({ id }) =>
    agents.some(({ socket, status }) => id.startsWith(socket.container ?? '-') && hasLetGo(status?.state)),
  )
  if (left.length > 0) await router.awaitUnused(left)
}

const hasLetGo = (state: string | undefined) => state !== undefined && state !== 'listening'

/** What may still be sent requests has let go before: that is waited for. */
export async function stopUnused(context: ComposeContext, release: ReleaseId): Promise<void> {
  await awaitUnused(context, await containersOf(context, release))
  await stopRelease(context, release)
}

export async function stopProbes(context: ComposeContext, release: ReleaseId): Promise<void> {
  const own = await containersOf(context, release)
  await removeAll(context, own.filter(isProbe))
}

export async function stopOtherUnits(
  context: ComposeContext,
  keep: readonly ReleaseId[],
  drainTimeoutMs: number,
  beforeStop: () => void = () => {},
): Promise<StoppedUnits> {
  const { router, clock } = context
  const folder = sharedFolder(context.runFolder)
  const all = await allContainers(context)
  const isKept = (container: Container) =>
    !isProbe(container) && keep.includes(releaseOf(context, container) ?? '')
  const kept = all.filter(isKept)
  const others = all.filter((container) => !isKept(container))
  const deadline = clock.now() + drainTimeoutMs
  const silent = others.filter(
    ({ env, status }) => status === 'running' && !env.includes('LASTGOOD_CONTAINER=1'),
  )
  const drained = await awaitDrained(folder, clock, keep, drainTimeoutMs)
  const settled =
    router === null || silent.length === 0 || (await router.settle(kept, Math.max(0, deadline - clock.now())))
  await awaitUnused(context, others)
  beforeStop()
  await removeAll(context, others)
  const releases = new Set(others.map(({ labels }) => labels[LABEL.release]))
  for (const release of releases)
    if (release !== undefined && !keep.includes(release)) await forgetRelease(folder, release)
  if (others.length > 0) await router?.forgetOthers(kept)
  return { stopped: [...new Set(others.map(unitOf))], drained: drained && settled }
}

/** Each as long as it was given to end by itself; what takes no traffic is not waited for. What they said is kept. */
async function removeAll(context: ComposeContext, doomed: readonly Container[], idle = false): Promise<void> {
  const agents = await listAgents(sharedFolder(context.runFolder))
  const isIdle = (container: Container) => {
    const agent = agents.find(({ socket }) => container.id.startsWith(socket.container ?? '-'))
    const waits = agent?.status?.state === 'holding' || agent?.status?.state === 'drained'
    return idle || waits || isProbe(container)
  }
  await Promise.all(
    doomed.map(async (container) => {
      await keepLog(context, container)
      await removeContainer(context.engine, container.id, isIdle(container) ? IDLE_GRACE_SECONDS : null)
    }),
  )
}

/** The engine forgets what a container said together with the container. */
export async function keepLog(context: ComposeContext, container: Container): Promise<void> {
  const release = container.labels[LABEL.release]
  if (release === undefined) return
  const lines = await readLog(context.engine, container.id, LOG_LINES)
  if (lines.length === 0) return
  const path = logPath(context, release)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(path, `== ${container.name}\n${lines.join('\n')}\n`, { mode: 0o600, flag: 'a' })
}
