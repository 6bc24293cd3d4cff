import { type Agent, activateAgent, drainAgent, listAgents } from '../../agent-client/agent-client.ts'
import { clearHold, setHold } from '../../agent-client/run-folder.ts'
import type { Instance } from '../../domain/instance.ts'
import type { ReleaseId } from '../../domain/release.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { LaunchRecord } from '../../ports/release-store.ts'
import type { Switched } from '../../ports/runtime.ts'
import { observeInstances } from './observe.ts'
import type { Pm2Context } from './pm2-context.ts'
import { agentsOf, logPath } from './start-release.ts'
import { stopOtherUnits } from './stop-units.ts'

const PORT_PATIENCE_MS = 3_000

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
  launch: LaunchRecord,
): Promise<Switched> {
  const startedAt = performance.now()
  const target = await agentsOf(context, release)
  const others = (await listAgents(context.runFolder)).filter(
    ({ socket, status }) => socket.release !== release && status?.state !== 'holding',
  )
  if (launch.runtime.mode === 'cluster') {
    await activate(context, release, target, others)
    context.crash('switch-traffic/activated')
    await drain(context, others, target)
    const ms = Math.round(performance.now() - startedAt)
    await stopSilent(context, release, await findSilent(context, release))
    return { gapMs: 0, ms }
  }
  // Asking PM2 takes a fifth of a second: before the port is let go, not after.
  const silent = await findSilent(context, release)
  const letGoAt = performance.now()
  await drain(context, others, target)
  await stopSilent(context, release, silent)
  context.crash('switch-traffic/let-go')
  await activate(context, release, target, others)
  const gapMs = Math.round(performance.now() - letGoAt)
  return { gapMs, ms: Math.round(performance.now() - startedAt) }
}

async function activate(
  context: Pm2Context,
  release: ReleaseId,
  target: readonly Agent[],
  others: readonly Agent[],
): Promise<void> {
  await clearHold(context.runFolder, release)
  const answers = await Promise.all(target.map(({ socket }) => activateAgent(socket, PORT_PATIENCE_MS)))
  const failed = answers.find((answer) => !answer.ok)
  if (failed === undefined || failed.ok) return

  await takeBack(context, release, target, others)
  const port = /EADDRINUSE/.exec(failed.reason) ? portIn(failed.reason) : null
  if (port !== null) throw new OperatorError('PORT_TAKEN', { port, holder: '' })
  throw new OperatorError('ACTIVATION_FAILED', {
    release,
    detail: failed.reason,
    log: logPath(context, release),
  })
}

/** The others listen again (they never stopped, in cluster mode) and the target lets go. */
async function takeBack(
  context: Pm2Context,
  release: ReleaseId,
  target: readonly Agent[],
  others: readonly Agent[],
): Promise<void> {
  for (const id of new Set(others.map(({ socket }) => socket.release))) await clearHold(context.runFolder, id)
  await Promise.all(others.map(({ socket }) => activateAgent(socket, PORT_PATIENCE_MS)))
  await setHold(context.runFolder, release)
  const to = others.map(({ socket }) => socket.private)
  await Promise.all(target.map(({ socket }) => drainAgent(socket, to)))
}

async function drain(context: Pm2Context, others: readonly Agent[], target: readonly Agent[]): Promise<void> {
  for (const id of new Set(others.map(({ socket }) => socket.release))) await setHold(context.runFolder, id)
  const to = target.map(({ socket }) => socket.private)
  // One that does not answer is stuck or dying; it is stopped with the rest, and `verify` sees it until then.
  await Promise.all(others.map(({ socket }) => drainAgent(socket, to)))
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

function portIn(reason: string): number | null {
  const [, port] = /:(\d+)\b/.exec(reason) ?? []
  return port === undefined ? null : Number(port)
}
