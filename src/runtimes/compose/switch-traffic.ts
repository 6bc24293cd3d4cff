import { type Agent, activateAgent, drainAgent, listAgents } from '../../agent-client/agent-client.ts'
import { letGo } from '../../agent-client/let-go.ts'
import { canServe, listens } from '../../agent-client/prepared.ts'
import { clearHold, setHold, sharedFolder } from '../../agent-client/run-folder.ts'
import type { Container } from '../../docker/containers.ts'
import type { ReleaseId } from '../../domain/release.ts'
import { messageOf, OperatorError } from '../../errors/operator-error.ts'
import type { ComposeLaunch, LaunchRecord } from '../../ports/release-store.ts'
import type { PrepareOptions, Switched } from '../../ports/runtime.ts'
import { type ComposeContext, logPath } from './compose-context.ts'
import { allContainers, containersOf, isProbe, ownContainers, releaseOf } from './observe.ts'
import type { Router } from './routers/router.ts'
import { agentsOf, createPublished, startOpen } from './start-release.ts'
import { stopOtherUnits, stopProbes } from './stop-units.ts'

type Launch = LaunchRecord<ComposeLaunch>

/** How long a router may take to see containers that listen already. */
const ROUTER_PATIENCE_MS = 10_000
/** For what the router has given to the others: it may be a connection that their process has not even accepted. */
const ON_ITS_WAY_MS = 1_000
const ACTIVATE_PATIENCE_MS = 1_000

interface Switching {
  context: ComposeContext
  router: Router
  release: ReleaseId
  target: readonly Agent[]
  /** Those that take traffic now, and would take it again. */
  served: readonly Agent[]
}

/**
 * The switch among containers that hold, without a gap: (1) the target's hold is lifted, each of its containers listens, and
 * ALL are waited for; (2) the router sends new requests to them and to no other, and what it gave to the others has
 * reached them; (3) the others' hold is set, and each stops accepting and forwards what still comes on a kept connection. The markers decide what a container does that the
 * engine starts again in between, so they are right before the router is asked, and stay right without us.
 *
 * Whatever fails, what took traffic before takes it again.
 */
export async function switchHeld(
  context: ComposeContext,
  router: Router,
  release: ReleaseId,
  launch: Launch,
): Promise<Switched> {
  const startedAt = performance.now()
  const target = (await agentsOf(context, release)).filter(canServe)
  const others = (await listAgents(sharedFolder(context.runFolder))).filter(
    ({ socket }) => socket.release !== release,
  )
  const served = others.filter(listens)
  const switching: Switching = { context, router, release, target, served }
  // Between being counted and being asked its containers may have ended: with nobody to take over, nothing is let go.
  const { instances } = launch.runtime
  if (target.length < instances)
    throw activationFailed(switching, `${target.length} of ${instances} instances are there to do so`)
  await activate(switching)
  // Both listen, and the router may send to either.
  context.crash('switch-traffic/activated')
  await route(switching)
  // The router sends to the target alone; the others would still answer whoever came.
  context.crash('switch-traffic/routed')
  const to = target.map(({ socket }) => socket.private)
  await letGo(sharedFolder(context.runFolder), release, to)
  const ms = Math.round(performance.now() - startedAt)
  await stopSilent(context, release)
  return { gapMs: 0, ms }
}

async function activate(switching: Switching): Promise<void> {
  const { context, release, target } = switching
  await clearHold(sharedFolder(context.runFolder), release)
  const answers = await Promise.all(target.map(({ socket }) => activateAgent(socket, ACTIVATE_PATIENCE_MS)))
  const failed = answers.find((answer) => !answer.ok)
  if (failed === undefined || failed.ok) return
  await takeBack(switching)
  throw activationFailed(switching, failed.reason)
}

async function route(switching: Switching): Promise<void> {
  const { context, router, release, target } = switching
  try {
    await moveTraffic(router, await those(context, target))
  } catch (error) {
    await takeBack(switching)
    throw activationFailed({ context, release }, messageOf(error))
  }
}

/** A request whose connection nobody has accepted when the listener goes is lost: so none is left to be accepted. */
async function moveTraffic(router: Router, targets: readonly Container[]): Promise<void> {
  await router.sendTo(targets, ROUTER_PATIENCE_MS)
  await router.settle(targets, ON_ITS_WAY_MS)
}

async function those(context: ComposeContext, agents: readonly Agent[]): Promise<Container[]> {
  const ids = agents.map(({ socket }) => socket.container)
  return (await ownContainers(context)).filter(({ id }) =>
    ids.some((short) => short !== null && id.startsWith(short)),
  )
}

/** Those that served never stopped; the router is told so, and the target lets go. Unless it is the target that served. */
async function takeBack({ context, router, release, target, served }: Switching): Promise<void> {
  if (served.length === 0 && target.some(listens)) return
  const folder = sharedFolder(context.runFolder)
  for (const id of new Set(served.map(({ socket }) => socket.release))) await clearHold(folder, id)
  await setHold(folder, release)
  await Promise.all(served.map(({ socket }) => activateAgent(socket, ACTIVATE_PATIENCE_MS)))
  const before = await those(context, served)
  // It may be the router itself that has failed: then it sends where it sent before.
  if (before.length > 0) await router.sendTo(before, ROUTER_PATIENCE_MS).catch(() => {})
  const to = served.map(({ socket }) => socket.private)
  await Promise.all(target.map(({ socket }) => drainAgent(socket, to)))
}

/** Containers without the agent: what ran before lastgood came, or what somebody started by hand. They end as they know how to. */
async function stopSilent(context: ComposeContext, release: ReleaseId): Promise<void> {
  const agents = await listAgents(sharedFolder(context.runFolder))
  const heard = new Set(agents.map(({ socket }) => socket.release))
  const silent = (await allContainers(context)).filter((container) => {
    const of = releaseOf(context, container)
    return !isProbe(container) && of !== release && (of === null || !heard.has(of))
  })
  if (silent.length > 0) await stopOtherUnits(context, [release, ...heard], 0)
}

/** Without holding, with a router: all of it serves beside the others, then they get nothing new, and end. */
export async function switchOpen(
  context: ComposeContext,
  router: Router,
  release: ReleaseId,
  launch: Launch,
  options: PrepareOptions,
): Promise<Switched> {
  const startedAt = performance.now()
  await stopProbes(context, release)
  await startOpen(context, router, release, launch, options)
  try {
    const own = (await containersOf(context, release)).filter((container) => !isProbe(container))
    await moveTraffic(router, own)
  } catch (error) {
    throw activationFailed({ context, release }, messageOf(error))
  }
  context.crash('switch-traffic/let-go')
  const ms = Math.round(performance.now() - startedAt)
  await letGo(sharedFolder(context.runFolder), release)
  await stopOtherUnits(context, [release], launch.configuration.drainTimeoutMs)
  return { gapMs: 0, ms }
}

/** The host's port goes from one to the other: the gap is a stop and a start, all the rest is done before. */
export async function switchPublished(
  context: ComposeContext,
  release: ReleaseId,
  launch: Launch,
  options: PrepareOptions,
): Promise<Switched> {
  const startedAt = performance.now()
  const start = await createPublished(context, release, launch, options)
  context.crash('switch-traffic/let-go')
  let letGoAt = performance.now()
  await letGo(sharedFolder(context.runFolder), release)
  await stopOtherUnits(context, [release], launch.configuration.drainTimeoutMs, () => {
    letGoAt = performance.now()
  })
  await start()
  const now = performance.now()
  return { gapMs: Math.round(now - letGoAt), ms: Math.round(now - startedAt) }
}

function activationFailed(
  { context, release }: Pick<Switching, 'context' | 'release'>,
  detail: string,
): OperatorError {
  return new OperatorError('ACTIVATION_FAILED', { release, detail, log: logPath(context, release) })
}
