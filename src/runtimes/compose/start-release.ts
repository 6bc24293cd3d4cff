import { rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { type Agent, listAgents } from '../../agent-client/agent-client.ts'
import {
  clearLastWords,
  ensureSharedFolder,
  readLastWords,
  setHold,
  sharedFolder,
} from '../../agent-client/run-folder.ts'
import { type Container, readLog } from '../../docker/containers.ts'
import { reasonIn } from '../../docker/engine.ts'
import type { ReleaseId } from '../../domain/release.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { ComposeLaunch, LaunchRecord } from '../../ports/release-store.ts'
import type { PrepareOptions, StartedRelease } from '../../ports/runtime.ts'
import { probeUnitName, releaseFile, type StartOptions, serviceName, unitName, upArgs } from './commands.ts'
import { type ComposeContext, logPath, POLL_MS } from './compose-context.ts'
import { containersOf, isProbe } from './observe.ts'
import type { Router } from './routers/router.ts'
import { keepLog, stopProbes, stopRelease } from './stop-units.ts'

type Launch = LaunchRecord<ComposeLaunch>

const LOG_LINES = 12
/** A container that ended is started again by the engine; what the others have begun is worth waiting for it. */
const RESTART_PATIENCE_MS = 3_000
/** A router that needs longer to find what runs is waited for when traffic is to move. */
const FOUND_PATIENCE_MS = 2_000
/** The engine is asked less often than the agents. */
const CRASH_LOOK_MS = 250

export async function agentsOf(context: ComposeContext, release: ReleaseId): Promise<Agent[]> {
  return listAgents(sharedFolder(context.runFolder), release)
}

const isUsable = ({ status }: Agent) => status?.state === 'holding' || status?.state === 'listening'

/** Enough containers of the release to take traffic, whatever it was they did last; a drained one can listen again. */
export async function isPrepared(
  context: ComposeContext,
  release: ReleaseId,
  wanted: number,
): Promise<boolean> {
  const deadline = context.clock.now() + RESTART_PATIENCE_MS
  for (;;) {
    const agents = await agentsOf(context, release)
    const able = agents.filter(({ status }) => status !== null && status.state !== 'booting')
    if (able.length >= wanted) return true
    if (agents.length === 0 || context.clock.now() >= deadline) return false
    await context.clock.sleep(POLL_MS)
  }
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
  if (left.length === 0) await up(context, release, launch, options, { probe: false, publish: true })
  return async () => {
    const own = (await containersOf(context, release)).filter((container) => !isProbe(container))
    try {
      await Promise.all(own.map((container) => startContainer(context, launch, container)))
      await awaitReady(context, release, launch, options, () =>
        countOpen(context, release, launch.runtime.port, false),
      )
    } catch (error) {
      await stopRelease(context, release, { idle: true })
      throw error
    }
  }
}

async function startContainer({ engine }: ComposeContext, launch: Launch, { id }: Container): Promise<void> {
  const answer = await engine.call('POST', `/containers/${id}/start`)
  if (answer.status < 400) return
  const detail = reasonIn(answer)
  throw (
    portTaken(detail, launch) ?? new OperatorError('RUNTIME_FAILED', { operation: 'docker start', detail })
  )
}

/** Another container has it ("already allocated"), or a program of the host ("address already in use"). */
function portTaken(detail: string, { runtime }: Launch): OperatorError | null {
  if (!/already allocated|address already in use/i.test(detail)) return null
  const [, port = String(runtime.port)] = /:(\d+)(?: failed|: bind|\/)/.exec(detail) ?? []
  return new OperatorError('PORT_TAKEN', { port: Number(port), holder: '' }, { details: [detail] })
}

async function up(
  context: ComposeContext,
  release: ReleaseId,
  launch: Launch,
  options: PrepareOptions,
  how: StartOptions,
): Promise<void> {
  const { service, home, project, program } = context
  const shared = sharedFolder(context.runFolder)
  const register = launch.runtime.agent ? await context.installAgent() : null
  const file = releaseFile(release, launch, { service, home, shared, register }, how)
  const unit = how.probe ? probeUnitName(project, release) : unitName(project, release)
  const args = upArgs(unit, serviceName(launch.runtime, how.probe), launch.runtime.instances, !how.publish)
  const { timeoutMs, signal } = options
  await program.runOrFail(args, { input: JSON.stringify(file), timeoutMs: timeoutMs + 60_000, signal })
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
  const command = up(context, release, launch, options, how).then(
    () => null,
    (error: unknown) => error,
  )
  try {
    // The instances are asked while Compose is still on its way out; its failure ends the wait as well.
    await awaitReady(context, release, launch, options, countReady, command)
    return { instances: launch.runtime.instances, bootMs: context.clock.now() - startedAt }
  } catch (error) {
    // First the command: what it has not started yet cannot be stopped.
    await command
    await (how.probe ? stopProbes(context, release) : stopRelease(context, release, { idle: true }))
    throw error
  }
}

async function awaitReady(
  context: ComposeContext,
  release: ReleaseId,
  launch: Launch,
  options: PrepareOptions,
  countReady: () => Promise<number>,
  command: Promise<unknown> = Promise.resolve(null),
): Promise<void> {
  const { clock } = context
  const wanted = launch.runtime.instances
  const state = { ended: false, failed: null as unknown }
  void command.then((failed) => Object.assign(state, { ended: true, failed }))
  const deadline = clock.now() + options.timeoutMs
  let lookAt = 0
  for (;;) {
    const ready = await countReady()
    if (ready >= wanted) return
    options.signal.throwIfAborted()
    if (state.failed !== null) throw explain(state.failed, launch)
    if (clock.now() >= lookAt) {
      await refuseCrashed(context, release)
      lookAt = clock.now() + CRASH_LOOK_MS
    }
    if (clock.now() >= deadline) throw await notReady(context, release, options, ready, wanted)
    await clock.sleep(POLL_MS, options.signal)
  }
}

function explain(error: unknown, launch: Launch): unknown {
  if (!(error instanceof OperatorError)) return error
  return portTaken(error.details.join('\n'), launch) ?? error
}

/** A container that has ended, or that the engine has had to start again. */
async function refuseCrashed(context: ComposeContext, release: ReleaseId): Promise<void> {
  const own = await containersOf(context, release)
  const ended = own.find(
    ({ status, restarts }) => ['exited', 'dead', 'restarting'].includes(status) || restarts > 0,
  )
  if (ended === undefined) return
  const said = await readLog(context.engine, ended.id, LOG_LINES)
  const words = said.length > 0 ? said : await readLastWords(sharedFolder(context.runFolder), release)
  const details = words.length > 0 ? words : [`${ended.name} ended with exit code ${ended.exitCode}`]
  await keepLog(context, ended)
  throw new OperatorError('CANDIDATE_CRASHED', { release, log: logPath(context, release) }, { details })
}

async function notReady(
  context: ComposeContext,
  release: ReleaseId,
  options: PrepareOptions,
  ready: number,
  instances: number,
): Promise<OperatorError> {
  const [first] = await containersOf(context, release)
  const details = first === undefined ? [] : await readLog(context.engine, first.id, LOG_LINES)
  const seconds = Math.round(options.timeoutMs / 100) / 10
  const log = logPath(context, release)
  return new OperatorError('CANDIDATE_NOT_READY', { release, seconds, ready, instances, log }, { details })
}

/** Its port answers, and its healthcheck, where it has one, does not say otherwise. */
async function countOpen(
  context: ComposeContext,
  release: ReleaseId,
  port: number,
  probe: boolean,
): Promise<number> {
  const own = (await containersOf(context, release)).filter((container) => isProbe(container) === probe)
  const open = await Promise.all(
    own.map(async ({ status, health, ips }) => {
      if (status !== 'running' || health === 'starting' || health === 'unhealthy') return false
      return (await Promise.all(ips.map((host) => accepts(host, port)))).some(Boolean)
    }),
  )
  return open.filter(Boolean).length
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 })
    const end = (accepted: boolean) => {
      socket.destroy()
      resolve(accepted)
    }
    socket.on('connect', () => end(true))
    socket.on('timeout', () => end(false))
    socket.on('error', () => end(false))
  })
}
