import { connect } from 'node:net'
import type { ReleaseId } from '../../domain/release.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { LaunchRecord, SwarmLaunch } from '../../ports/release-store.ts'
import type { PrepareOptions, PrivateAddress, StartedRelease } from '../../ports/runtime.ts'
import { probeName, probeSpec } from './commands.ts'
import { hasEnded, type Task } from './parse.ts'
import { keepLog, removeProbes } from './stop-units.ts'
import { createService, findService, listNodes, listTasks, ownNode, readTaskLog } from './swarm-api.ts'
import { logPath, POLL_MS, type SwarmContext } from './swarm-context.ts'

const LOG_LINES = 12

/** One task of the release outside of the traffic; on failure nothing of it is left. */
export async function startProbe(
  context: SwarmContext,
  release: ReleaseId,
  launch: LaunchRecord<SwarmLaunch>,
  options: PrepareOptions,
): Promise<StartedRelease> {
  const { clock } = context
  await removeProbes(context, release)
  const startedAt = clock.now()
  await createService(context, probeSpec(release, launch, context))
  try {
    await awaitReady(context, release, options)
    return { instances: 1, bootMs: clock.now() - startedAt }
  } catch (error) {
    await removeProbes(context, release)
    throw error
  }
}

async function awaitReady(context: SwarmContext, release: ReleaseId, options: PrepareOptions): Promise<void> {
  const { clock } = context
  const deadline = clock.now() + options.timeoutMs
  const log = logPath(context, release)
  for (;;) {
    const tasks = await tasksOfProbe(context, release)
    const ended = tasks.find(hasEnded)
    if (ended !== undefined) throw await crashed(context, release, ended)
    const [address] = await probeAddresses(context, release)
    if (address !== undefined && 'port' in address && (await accepts(address))) return
    options.signal.throwIfAborted()
    if (clock.now() >= deadline) {
      const details = tasks.map(({ state, message }) => `${state}: ${message}`)
      const seconds = Math.round(options.timeoutMs / 100) / 10
      const [first] = tasks
      if (first !== undefined) await keepLog(context, release, first)
      throw new OperatorError(
        'CANDIDATE_NOT_READY',
        { release, seconds, ready: 0, instances: 1, log },
        { details },
      )
    }
    await clock.sleep(POLL_MS, options.signal)
  }
}

/** It ended by itself, or a node refused it: an image that is not there, a mount, a resource. */
async function crashed(context: SwarmContext, release: ReleaseId, task: Task): Promise<OperatorError> {
  const words = await readTaskLog(context, task, LOG_LINES)
  await keepLog(context, release, task)
  const details = [...words, `${task.state}: ${task.message}`]
  return new OperatorError('CANDIDATE_CRASHED', { release, log: logPath(context, release) }, { details })
}

async function tasksOfProbe(context: SwarmContext, release: ReleaseId): Promise<Task[]> {
  const probe = await findService(context, probeName(context.name, release))
  return probe === null ? [] : listTasks(context, probe)
}

/** The port that the probe was given on its node. */
export async function probeAddresses(context: SwarmContext, release: ReleaseId): Promise<PrivateAddress[]> {
  const running = (await tasksOfProbe(context, release)).filter(({ state }) => state === 'running')
  if (running.length === 0) return []
  const [nodes, own] = await Promise.all([listNodes(context), ownNode(context.engine)])
  return running.flatMap(({ node, ports: [port] }) => {
    const host = node === own.id ? '127.0.0.1' : nodes.find(({ id }) => id === node)?.address
    return host === undefined || port === undefined ? [] : [{ host, port: port.published }]
  })
}

function accepts({ host, port }: { host: string; port: number }): Promise<boolean> {
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
