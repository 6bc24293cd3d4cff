import { type Agent, activateAgent, drainAgent, listAgents } from '../../agent-client/agent-client.ts'
import { letGo } from '../../agent-client/let-go.ts'
import { canServe, listens } from '../../agent-client/prepared.ts'
import { clearHold, setHold } from '../../agent-client/run-folder.ts'
import type { Instance } from '../../domain/instance.ts'
import type { ReleaseId } from '../../domain/release.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { LaunchRecord, Pm2Launch } from '../../ports/release-store.ts'
import type { Switched } from '../../ports/runtime.ts'
import { errorLogPath, unitName } from './commands.ts'
import { observeInstances } from './observe.ts'
import { logFolder, type Pm2Context } from './pm2-context.ts'
import { agentsOf } from './start-release.ts'
import { stopOtherUnits } from './stop-units.ts'

const PORT_PATIENCE_MS = 3_000

interface Switching {
  context: Pm2Context
  release: ReleaseId
  launch: LaunchRecord<Pm2Launch>
  /** Processes that will take the traffic. One that still boots will listen by itself, once its hold is lifted. */
  target: readonly Agent[]
  /** Those that take it now, and would take it again. */
  served: readonly Agent[]
}

/**
 * The switch among instances with the agent.
 *
 * Cluster mode, no gap: (1) the target's hold is lifted, then each of its processes listens, and ALL are waited for;
 * (2) the others' hold is set, then each stops accepting and forwards. In this order, because a drain sent before the
 * others listen closes the shared port for good, and because the markers, not the sockets, decide what a process does
 * that PM2 restarts in between.
 *
 * Fork mode, one listener a port: (2) before (1), so there is a gap of some milliseconds, which is measured.
 *
 * Whatever fails, what took traffic before takes it again.
 */
export async function switchAgents(
  context: Pm2Context,
  release: ReleaseId,
  launch: LaunchRecord<Pm2Launch>,
): Promise<Switched> {
  const startedAt = performance.now()
  const target = (await agentsOf(context, release)).filter(canServe)
  const served = (await othersOf(context, release)).filter(listens)
  const switching: Switching = { context, release, launch, target, served }
  // Between being counted and being asked its processes may have died: with nobody to take over, nothing is let go.
  if (target.length < launch.runtime.instances) throw await notThere(switching)
  if (launch.runtime.mode === 'cluster') {
    await activate(switching)
    context.crash('switch-traffic/activated')
    await drain(switching)
    const ms = Math.round(performance.now() - startedAt)
    await stopSilent(context, release, await findSilent(context, release))
    return { gapMs: 0, ms }
  }
  // Asking PM2 takes a fifth of a second: before the port is let go, not after.
  const silent = await findSilent(context, release)
  const letGoAt = performance.now()
  await drain(switching)
  await stopSilent(context, release, silent)
  context.crash('switch-traffic/let-go')
  await activate(switching)
  const gapMs = Math.round(performance.now() - letGoAt)
  return { gapMs, ms: Math.round(performance.now() - startedAt) }
}

async function othersOf(context: Pm2Context, release: ReleaseId): Promise<Agent[]> {
  return (await listAgents(context.runFolder)).filter(({ socket }) => socket.release !== release)
}

async function activate(switching: Switching): Promise<void> {
  const { context, release, target } = switching
  await clearHold(context.runFolder, release)
  const answers = await Promise.all(target.map(({ socket }) => activateAgent(socket, PORT_PATIENCE_MS)))
  const failed = answers.find((answer) => !answer.ok)
  if (failed === undefined || failed.ok) return

  await takeBack(switching)
  const port = /EADDRINUSE/.exec(failed.reason) ? portIn(failed.reason) : null
  if (port !== null) throw new OperatorError('PORT_TAKEN', { port, holder: '' })
  throw activationFailed(switching, failed.reason)
}

/**
 * Those that served listen again (in cluster mode they never stopped) and the target lets go. Unless it is the target that
 * served.
 */
async function takeBack({ context, release, target, served }: Switching): Promise<void> {
  if (served.length === 0 && target.some(listens)) return
  for (const id of new Set(served.map(({ socket }) => socket.release))) await clearHold(context.runFolder, id)
  await setHold(context.runFolder, release)
  const to = served.map(({ socket }) => socket.private)
  await Promise.all(target.map(({ socket }) => drainAgent(socket, to)))
  await Promise.all(served.map(({ socket }) => activateAgent(socket, PORT_PATIENCE_MS)))
}

async function drain({ context, release, target }: Switching): Promise<void> {
  await letGo(
    context.runFolder,
    release,
    target.map(({ socket }) => socket.private),
  )
}

/** Instances without the agent: an app that ran before lastgood came, or that somebody started by hand. */
async function findSilent(context: Pm2Context, release: ReleaseId): Promise<Instance[]> {
  const instances = await observeInstances(context, 'full')
  return instances.filter((instance) => instance.state === 'running' && instance.release !== release)
}

/** They cannot drain: they end as they know how to. */
async function stopSilent(
  context: Pm2Context,
  release: ReleaseId,
  silent: readonly Instance[],
): Promise<void> {
  if (silent.length === 0) return
  const agents = await listAgents(context.runFolder)
  await stopOtherUnits(context, [release, ...new Set(agents.map(({ socket }) => socket.release))], 0)
}

async function notThere(switching: Switching): Promise<OperatorError> {
  const { target, launch } = switching
  return activationFailed(
    switching,
    `${target.length} of ${launch.runtime.instances} instances are there to do so`,
  )
}

function activationFailed({ context, release, launch }: Switching, detail: string): OperatorError {
  const log = errorLogPath(logFolder(context), unitName(context.app, release), launch)
  return new OperatorError('ACTIVATION_FAILED', { release, detail, log })
}

function portIn(reason: string): number | null {
  const [, port] = /:(\d+)\b/.exec(reason) ?? []
  return port === undefined ? null : Number(port)
}
