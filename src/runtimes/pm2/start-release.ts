import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Agent, listAgents } from '../../agent-client/agent-client.ts'
import { isUsable } from '../../agent-client/prepared.ts'
import { clearLastWords, ensureRunFolder, readLastWords, setHold } from '../../agent-client/run-folder.ts'
import type { ReleaseId } from '../../domain/release.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { LaunchRecord, Pm2Launch } from '../../ports/release-store.ts'
import type { PrepareOptions, StartedRelease } from '../../ports/runtime.ts'
import { awaitReady, describeLaunch, type Readiness } from './await-ready.ts'
import {
  errorLogPath,
  type ProcessFile,
  probeFile,
  processFile,
  releaseOfProcess,
  startArgs,
} from './commands.ts'
import { logFolder, type Pm2Context } from './pm2-context.ts'
import { accepts, freePort } from './port.ts'
import { stopRelease } from './stop-units.ts'

/** Every instance boots, connects, and holds its listen() back. */
export async function startHeld(
  context: Pm2Context,
  release: ReleaseId,
  launch: LaunchRecord<Pm2Launch>,
  options: PrepareOptions,
): Promise<StartedRelease> {
  const wanted = launch.runtime.instances
  await ensureRunFolder(context.runFolder)
  const there = await agentsOf(context, release)
  if (there.filter(isUsable).length >= wanted) return { instances: wanted, bootMs: null }
  // What an earlier attempt left would be restarted by PM2 instead of started.
  if (there.length > 0) await stopRelease(context, release)
  await setHold(context.runFolder, release)
  await clearLastWords(context.runFolder, release)
  const agent = { register: await context.installAgent(), runFolder: context.runFolder }
  const file = processFile(release, launch, logFolder(context), agent)
  const pids = new Set<number>()
  return startUnit(context, release, launch, file, options, async () => {
    const agents = await agentsOf(context, release)
    for (const { socket } of agents) pids.add(socket.pid)
    return readinessOf(agents, pids.size > wanted)
  })
}

/**
 * An app that failed says so itself where it can: PM2's cluster mode keeps a process whose ES module threw, and it would
 * never listen. Elsewhere the process ends, and PM2 puts another in its place, with another pid.
 */
function readinessOf(agents: readonly Agent[], replaced: boolean): Readiness {
  const failed = agents.find(({ status }) => status?.state === 'booting' && status.error !== null)
  const crashed = failed?.status?.error ?? (replaced ? 'it ended, and PM2 started it again' : null)
  return { ready: agents.filter(isUsable).length, crashed }
}

/** Without the agent: all instances at once take traffic. Nothing but their age tells that they do. */
export async function startOpen(
  context: Pm2Context,
  release: ReleaseId,
  launch: LaunchRecord<Pm2Launch>,
  options: PrepareOptions,
  bootMs: number,
): Promise<StartedRelease> {
  const { instances, mode, port } = launch.runtime
  const startedAt = context.clock.now()
  // A boot time is only a guess after a crash; waiting for it must fit into the patience there is.
  const ageMs = Math.min(bootMs * 2 + 1_000, options.timeoutMs / 2)
  const file = processFile(release, launch, logFolder(context), null)
  const [{ name }] = file.apps
  return startUnit(context, release, launch, file, options, async () => {
    if (mode === 'fork') return { ready: (await accepts(port)) ? instances : 0, crashed: null }
    const young = context.clock.now() - startedAt < ageMs
    return { ready: young ? 0 : await countOlder(context, name, ageMs), crashed: null }
  })
}

/** One that PM2 had to start again in between is younger. */
async function countOlder(context: Pm2Context, unit: string, ageMs: number): Promise<number> {
  const own = (await context.program.list()).filter(
    ({ name, status }) => name === unit && status === 'online',
  )
  return own.filter(({ startedAt }) => context.clock.now() - (startedAt ?? 0) >= ageMs).length
}

/** Without the agent: one copy on a free port, outside the traffic. */
export async function startProbeCopy(
  context: Pm2Context,
  release: ReleaseId,
  launch: LaunchRecord<Pm2Launch>,
  options: PrepareOptions,
): Promise<StartedRelease & { port: number }> {
  const port = await freePort()
  await stopRelease(context, release)
  const file = probeFile(release, launch, logFolder(context), port)
  const started = await startUnit(context, release, launch, file, options, async () => ({
    ready: (await accepts(port)) ? 1 : 0,
    crashed: null,
  }))
  return { ...started, port }
}

/** Starts a process file and waits until all of it is ready; on failure nothing of it is left. */
async function startUnit(
  context: Pm2Context,
  release: ReleaseId,
  record: LaunchRecord<Pm2Launch>,
  file: ProcessFile,
  options: PrepareOptions,
  look: () => Promise<Readiness>,
): Promise<StartedRelease> {
  const [app] = file.apps
  const wanted = Number(app.instances)
  const log = errorLogPath(logFolder(context), app.name, record)
  const lastWords = () => readLastWords(context.runFolder, release)
  const launch = await describeLaunch({ release, unit: app.name, wanted, options, log, look, lastWords })
  await refuseStranger(context, release, app.name)
  const startedAt = context.clock.now()
  const command = launchFile(context, file, options.timeoutMs)
  // The instances are asked while the pm2 command is still on its way out; its failure ends the wait as well.
  const outcome = command.then(
    () => null,
    (error: unknown) => error,
  )
  try {
    await awaitReady(context, launch, outcome)
    // The instances are there, whatever the command has still to print; the next one waits until it has ended.
    return { instances: wanted, bootMs: context.clock.now() - startedAt }
  } catch (error) {
    // First the command: what it has not started yet cannot be stopped.
    await outcome
    await stopRelease(context, release)
    throw error
  }
}

/** PM2 would restart whatever has the unit's name, or add to it. A stranger is left alone; what is ours goes first. */
async function refuseStranger(context: Pm2Context, release: ReleaseId, unit: string): Promise<void> {
  const same = (await context.program.list()).filter(({ name }) => name === unit)
  const stranger = same.find((process) => releaseOfProcess(context.app, process) === null)
  if (stranger !== undefined) {
    const detail = `an app named ${unit} runs in PM2's namespace ${stranger.namespace}, and lastgood did not start it`
    throw new OperatorError('RUNTIME_FAILED', { operation: 'pm2 start', detail })
  }
  if (same.length > 0) await stopRelease(context, release)
}

/** Where it has to be a file, it holds the environment, secrets included: private, and gone once PM2 has read it. */
async function launchFile(context: Pm2Context, file: ProcessFile, timeoutMs: number): Promise<void> {
  if (await context.program.start(file, timeoutMs)) return
  await ensureRunFolder(context.runFolder)
  const folder = await mkdtemp(join(context.runFolder, 'start-'))
  const path = join(folder, 'process.json')
  try {
    await writeFile(path, JSON.stringify(file), { mode: 0o600 })
    await context.program.runOrFail(startArgs(path), timeoutMs)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export async function agentsOf(context: Pm2Context, release: ReleaseId): Promise<Agent[]> {
  return listAgents(context.runFolder, release)
}
