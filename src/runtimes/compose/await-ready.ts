import { connect } from 'node:net'
import { readLastWords, sharedFolder } from '../../agent-client/run-folder.ts'
import { readLog } from '../../docker/containers.ts'
import type { ReleaseId } from '../../domain/release.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { ComposeLaunch, LaunchRecord } from '../../ports/release-store.ts'
import type { PrepareOptions } from '../../ports/runtime.ts'
import { type ComposeContext, logPath, POLL_MS } from './compose-context.ts'
import { containersOf, isProbe } from './observe.ts'
import { keepLog } from './stop-units.ts'

type Launch = LaunchRecord<ComposeLaunch>

const LOG_LINES = 12
/** The engine is asked less often than the agents. */
const CRASH_LOOK_MS = 250

/**
 * Returns when enough containers are ready.
 * @param command the outcome of the start that is on its way: null, or why it failed
 * @throws OperatorError CANDIDATE_CRASHED, CANDIDATE_NOT_READY, PORT_TAKEN, or what the command failed with
 */
export async function awaitReady(
  context: ComposeContext,
  release: ReleaseId,
  launch: Launch,
  options: PrepareOptions,
  countReady: () => Promise<number>,
  command: Promise<unknown> = Promise.resolve(null),
): Promise<void> {
  const { clock } = context
  const wanted = launch.runtime.instances
  let failure: unknown = null
  void command.then((failed) => {
    failure = failed
  })
  const deadline = clock.now() + options.timeoutMs
  let lookAt = 0
  for (;;) {
    const ready = await countReady()
    if (ready >= wanted) return
    options.signal.throwIfAborted()
    if (failure !== null) throw explain(failure, launch)
    if (clock.now() >= lookAt) {
      await refuseCrashed(context, release)
      lookAt = clock.now() + CRASH_LOOK_MS
    }
    if (clock.now() >= deadline) throw await notReady(context, release, options, ready, wanted)
    await clock.sleep(POLL_MS, options.signal)
  }
}

/** Another container has it ("already allocated"), or a program of the host ("address already in use"). */
export function portTaken(detail: string, { runtime }: Launch): OperatorError | null {
  if (!/already allocated|address already in use/i.test(detail)) return null
  const [, port = String(runtime.port)] = /:(\d+)(?: failed|: bind|\/)/.exec(detail) ?? []
  return new OperatorError('PORT_TAKEN', { port: Number(port), holder: '' }, { details: [detail] })
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
export async function countOpen(
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
