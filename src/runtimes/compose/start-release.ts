import { rm } from 'node:fs/promises'
import { type Agent, listAgents } from '../../agent-client/agent-client.ts'
import { isUsable } from '../../agent-client/prepared.ts'
import { clearLastWords, ensureSharedFolder, setHold, sharedFolder } from '../../agent-client/run-folder.ts'
import { reasonIn } from '../../docker/engine.ts'
import type { ReleaseId } from '../../domain/release.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { ComposeLaunch, LaunchRecord } from '../../ports/release-store.ts'
import type { PrepareOptions, StartedRelease } from '../../ports/runtime.ts'
import { awaitReady, countOpen, portTaken } from './await-ready.ts'
import { probeUnitName, releaseFile, type StartOptions, serviceName, unitName, upArgs } from './commands.ts'
import { type ComposeContext, logPath, POLL_MS } from './compose-context.ts'
import { canBeKept, createKept, keepContainer, keptContainer } from './kept-container.ts'
import { containersOf, isProbe } from './observe.ts'
import type { Router } from './routers/router.ts'
import { stopProbes, stopRelease } from './stop-units.ts'

type Launch = LaunchRecord<ComposeLaunch>

/** A router that needs longer to find what runs is waited for when traffic is to move. */
const FOUND_PATIENCE_MS = 2_000

export async function agentsOf(context: ComposeContext, release: ReleaseId): Promise<Agent[]> {
  return listAgents(sharedFolder(context.runFolder), release)
}

/** Every container boots, connects, and holds its listen() back; the router has found it, and sends nothing to it. */
export async function startHeld(
  context: ComposeContext,
  router: Router,
  release: ReleaseId,
  launch: Launch,
  options: PrepareOptions,
): Promise<StartedRelease> {
  const wanted = launch.runtime.instances
  const shared = await ensureSharedFolder(context.runFolder)
  const there = await agentsOf(context, release)
  if (there.filter(isUsable).length >= wanted) return { instances: wanted, bootMs: null }
  await stopRelease(context, release)
  await setHold(shared, release)
  await clearLastWords(shared, release)
  return unseen(context, router, wanted, (look) =>
    start(context, release, launch, options, { probe: false, publish: false }, async () => {
      const [agents] = await Promise.all([agentsOf(context, release), look()])
      return agents.filter(isUsable).length
    }),
  )
}

/** What is started so gets no request before traffic is sent to it: the router has found it by the end, and knows. */
async function unseen(
  { clock }: ComposeContext,
  router: Router,
  count: number,
  begin: (look: () => Promise<boolean>) => Promise<StartedRelease>,
): Promise<StartedRelease> {
  const arrival = await router.expectNew(count)
  try {
    const started = await begin(() => arrival.look())
    const deadline = clock.now() + FOUND_PATIENCE_MS
    while (!(await arrival.look()) && clock.now() < deadline) await clock.sleep(POLL_MS)
    return started
  } finally {
    await arrival.end()
  }
}

/** Without holding: all containers at once take traffic, as soon as somebody sends them any. */
export async function startOpen(
  context: ComposeContext,
  router: Router,
  release: ReleaseId,
  launch: Launch,
  options: PrepareOptions,
): Promise<StartedRelease> {
  await ensureSharedFolder(context.runFolder)
  return unseen(context, router, launch.runtime.instances, (look) =>
    start(context, release, launch, options, { probe: false, publish: false }, async () => {
      const [open] = await Promise.all([countOpen(context, release, launch.runtime.port, false), look()])
      return open
    }),
  )
}

/** One copy on an address of its own, outside the traffic. */
export async function startProbeCopy(
  context: ComposeContext,
  release: ReleaseId,
  launch: Launch,
  options: PrepareOptions,
): Promise<StartedRelease> {
  await stopProbes(context, release)
  const one: Launch = { ...launch, runtime: { ...launch.runtime, instances: 1 } }
  return start(context, release, one, options, { probe: true, publish: false }, () =>
    countOpen(context, release, launch.runtime.port, true),
  )
}

/**
 * Without a router: everything is made ready while the others serve. They have the host's port, so the containers can only
 * be started once the others are gone.
 */
export async function createPublished(
  context: ComposeContext,
  release: ReleaseId,
  launch: Launch,
  options: PrepareOptions,
): Promise<() => Promise<void>> {
  await ensureSharedFolder(context.runFolder)
  const left = (await containersOf(context, release)).filter((container) => !isProbe(container))
  if (left.length === 0) {
    const how = { probe: false, publish: true }
    await up(context, release, launch, options, how, await fileOf(context, release, launch, how))
  }
  return async () => {
    const own = (await containersOf(context, release)).filter((container) => !isProbe(container))
    try {
      await Promise.all(own.map(({ id }) => startContainer(context, launch, id)))
      await awaitReady(context, release, launch, options, () =>
        countOpen(context, release, launch.runtime.port, false),
      )
    } catch (error) {
      await stopRelease(context, release, { idle: true })
      throw error
    }
  }
}

async function startContainer({ engine }: ComposeContext, launch: Launch, id: string): Promise<void> {
  const answer = await engine.call('POST', `/containers/${id}/start`)
  if (answer.status < 400) return
  const detail = reasonIn(answer)
  throw (
    portTaken(detail, launch) ?? new OperatorError('RUNTIME_FAILED', { operation: 'docker start', detail })
  )
}

/** The release's Compose file, as it is given to Compose. */
async function fileOf(
  context: ComposeContext,
  release: ReleaseId,
  launch: Launch,
  how: StartOptions,
): Promise<string> {
  const { service, home, runFolder } = context
  const register = launch.runtime.agent ? await context.installAgent() : null
  const place = { service, home, shared: sharedFolder(runFolder), register }
  return JSON.stringify(releaseFile(release, launch, place, how))
}

async function up(
  { project, program }: ComposeContext,
  release: ReleaseId,
  { runtime }: Launch,
  { timeoutMs, signal }: PrepareOptions,
  how: StartOptions,
  file: string,
): Promise<void> {
  const unit = how.probe ? probeUnitName(project, release) : unitName(project, release)
  const args = upArgs(unit, serviceName(runtime, how.probe), runtime.instances, !how.publish)
  await program.runOrFail(args, { input: file, timeoutMs: timeoutMs + 60_000, signal })
}

/** The containers that were made as they were made before, where that is known and the engine still has it so; not started. */
async function createAsBefore(
  context: ComposeContext,
  release: ReleaseId,
  launch: Launch,
  file: string,
): Promise<string[] | null> {
  const kept = await keptContainer(context, release, file)
  return kept === null ? null : createKept(context, kept, launch)
}

/** Starts it and waits until all of it is ready; on failure nothing of it is left. */
async function start(
  context: ComposeContext,
  release: ReleaseId,
  launch: Launch,
  options: PrepareOptions,
  how: StartOptions,
  countReady: () => Promise<number>,
): Promise<StartedRelease> {
  const startedAt = context.clock.now()
  // What an earlier try said is no explanation of this one.
  await rm(logPath(context, release), { force: true })
  const file = await fileOf(context, release, launch, how)
  const isKept = !how.probe && canBeKept(launch)
  let command: Promise<unknown> = Promise.resolve(null)
  try {
    const ids = isKept ? await createAsBefore(context, release, launch, file) : null
    const started =
      ids === null
        ? up(context, release, launch, options, how, file)
        : Promise.all(ids.map((id) => startContainer(context, launch, id)))
    command = started.then(
      () => null,
      (error: unknown) => error,
    )
    // The instances are asked while Compose is still on its way out; its failure ends the wait as well.
    await awaitReady(context, release, launch, options, countReady, command)
    const bootMs = context.clock.now() - startedAt
    if (isKept && ids === null) await keepContainer(context, release, file)
    return { instances: launch.runtime.instances, bootMs }
  } catch (error) {
    // First the command: what it has not started yet cannot be stopped.
    await command
    await (how.probe ? stopProbes(context, release) : stopRelease(context, release, { idle: true }))
    throw error
  }
}
