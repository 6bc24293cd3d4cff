import { connect } from 'node:net'
import type { ReleaseId } from '../../domain/release.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { LaunchRecord, SwarmLaunch } from '../../ports/release-store.ts'
import type { PrepareOptions, PrivateAddress, StartedRelease } from '../../ports/runtime.ts'
import { probeName, probeSpec } from './commands.ts'
import { type SeenTask, seeTasks } from './observe.ts'
import { hasEnded } from './parse.ts'
import { keepLog, removeProbe } from './stop-units.ts'
import { createService, findService, listNodes, ownNode, readTaskLog } from './swarm-api.ts'
import { logPath, POLL_MS, type SwarmContext } from './swarm-context.ts'

const LOG_LINES = 12

type HostAddress = Extract<PrivateAddress, { host: string }>

/** One task of the release outside of the traffic, the one that waits there if it answers; on failure nothing of it is left. */
export async function startProbe(
  context: SwarmContext,
  release: ReleaseId,
  launch: LaunchRecord<SwarmLaunch>,
  options: PrepareOptions,
): Promise<StartedRelease> {
  const { clock } = context
  if (await answers(context, await tasksOfProbe(context, release))) return { instances: 1, bootMs: null }
  await removeProbe(context, release)
  const startedAt = clock.now()
  const create = () => createService(context, probeSpec(release, launch, context))
  await create()
  try {
    await awaitReady(context, release, options, create)
    return { instances: 1, bootMs: clock.now() - startedAt }
  } catch (error) {
    await removeProbe(context, release)
    throw error
  }
}

async function awaitReady(
  context: SwarmContext,
  release: ReleaseId,
  options: PrepareOptions,
  create: () => Promise<void>,
): Promise<void> {
  const { clock } = context
  const startedAt = clock.now()
  for (;;) {
    const tasks = await tasksOfProbe(context, release)
    const ended = tasks.find(hasEnded)
    if (ended?.state === 'rejected') throw notReady(context, release, startedAt, [ended])
    if (ended !== undefined) throw await crashed(context, release, ended)
    if (await answers(context, tasks)) return
    options.signal.throwIfAborted()
    if (clock.now() >= startedAt + options.timeoutMs) {
      const [first] = tasks
      if (first !== undefined) await keepLog(context, release, first)
      throw notReady(context, release, startedAt, tasks)
    }
    // Its node is lost, which is not its fault: once more, where there is one.
    if (tasks.some(({ state, runs }) => state === 'running' && !runs)) {
      await removeProbe(context, release)
      await create()
    }
    await clock.sleep(POLL_MS, options.signal)
  }
}

function notReady(
  context: SwarmContext,
  release: ReleaseId,
  since: number,
  tasks: readonly SeenTask[],
): OperatorError {
  const seconds = Math.round((context.clock.now() - since) / 100) / 10
  const params = { release, seconds, ready: 0, instances: 1, log: logPath(context, release) }
  return new OperatorError('CANDIDATE_NOT_READY', params, { details: tasks.map(describeTask) })
}

/** A node refuses what it cannot start: an image that is not there, a mount. One that cannot be placed is on no node. */
function describeTask({ state, message, on }: SeenTask): string {
  return state === 'rejected' ? `${on} refused it: ${message}` : `${state} on ${on}: ${message}`
}

async function crashed(context: SwarmContext, release: ReleaseId, task: SeenTask): Promise<OperatorError> {
  const words = await readTaskLog(context, task, LOG_LINES)
  await keepLog(context, release, task)
  const details = [...words, describeTask(task)]
  return new OperatorError('CANDIDATE_CRASHED', { release, log: logPath(context, release) }, { details })
}

async function tasksOfProbe(context: SwarmContext, release: ReleaseId): Promise<SeenTask[]> {
  const probe = await findService(context, probeName(context.name, release))
  return probe === null ? [] : seeTasks(context, probe)
}

export async function probeAddresses(context: SwarmContext, release: ReleaseId): Promise<PrivateAddress[]> {
  return addressesOf(context, await tasksOfProbe(context, release))
}

/** The port that each was given on its node. */
async function addressesOf(context: SwarmContext, tasks: readonly SeenTask[]): Promise<HostAddress[]> {
  const running = tasks.filter(({ runs }) => runs)
  if (running.length === 0) return []
  const [nodes, own] = await Promise.all([listNodes(context), ownNode(context.engine)])
  return running.flatMap(({ node, ports: [port] }) => {
    const host = node === own.id ? '127.0.0.1' : nodes.find(({ id }) => id === node)?.address
    return host === undefined || port === undefined ? [] : [{ host, port: port.published }]
  })
}

async function answers(context: SwarmContext, tasks: readonly SeenTask[]): Promise<boolean> {
  const [address] = await addressesOf(context, tasks)
  return address !== undefined && (await accepts(address))
}

function accepts({ host, port }: HostAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 })
    const end = (accepted: boolean) => {
      socket.destroy()
      resolve(accepted)
    }
    // A proxy in between accepts before the app does, and hangs up at once.
    socket.on('connect', () => socket.write('GET / HTTP/1.0\r\n\r\n'))
    socket.on('data', () => end(true))
    socket.on('end', () => end(false))
    socket.on('timeout', () => end(false))
    socket.on('error', () => end(false))
  })
}
