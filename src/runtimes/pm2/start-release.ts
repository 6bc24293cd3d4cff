import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { type Agent, listAgents } from '../../agent-client/agent-client.ts'
import { ensureRunFolder, setHold } from '../../agent-client/run-folder.ts'
import type { ReleaseId } from '../../domain/release.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { LaunchRecord } from '../../ports/release-store.ts'
import type { PrepareOptions, StartedRelease } from '../../ports/runtime.ts'
import { type ProcessFile, probeFile, probeUnitName, processFile, startArgs, unitName } from './commands.ts'
import { type Pm2Context, POLL_MS } from './pm2-context.ts'
import { tail } from './pm2-program.ts'
import { stopRelease } from './stop-units.ts'

/** A crash shows in PM2's restart counter; asking costs a pm2 command, so it is asked this often. */
const CRASH_LOOK_MS = 1_000

/** Enough processes of the release to take traffic, whatever it was they did last; a drained one can listen again. */
export async function isPrepared(context: Pm2Context, release: ReleaseId, wanted: number): Promise<boolean> {
  const agents = await agentsOf(context, release)
  return agents.filter(({ status }) => status !== null && status.state !== 'booting').length >= wanted
}

/** Every instance boots, connects, and holds its listen() back. */
export async function startHeld(
  context: Pm2Context,
  release: ReleaseId,
  launch: LaunchRecord,
  options: PrepareOptions,
): Promise<StartedRelease> {
  const wanted = launch.runtime.instances
  await ensureRunFolder(context.runFolder)
  const there = await agentsOf(context, release)
  if (there.filter(isUsable).length >= wanted) return { instances: wanted, bootMs: null }
  // What an earlier attempt left would be restarted by PM2 instead of started.
  if (there.length > 0) await stopRelease(context, release)
  await setHold(context.runFolder, release)
  const agent = { register: await context.installAgent(), runFolder: context.runFolder }
  const file = processFile(release, launch, agent)
  return startUnit(context, release, file, options, wanted, async () => {
    const agents = await agentsOf(context, release)
    return agents.filter(isUsable).length
  })
}

/** Without the agent: all instances at once take traffic. Nothing but their age tells that they do. */
export async function startOpen(
  context: Pm2Context,
  release: ReleaseId,
  launch: LaunchRecord,
  options: PrepareOptions,
  bootMs: number,
): Promise<StartedRelease> {
  const { instances, mode, port } = launch.runtime
  const startedAt = context.clock.now()
  const file = processFile(release, launch, null)
  return startUnit(context, release, file, options, instances, async () => {
    if (mode === 'fork') return (await accepts(port)) ? instances : 0
    return context.clock.now() - startedAt >= bootMs * 2 + 1_000 ? instances : 0
  })
}

/** Without the agent: one copy on a free port, outside the traffic. */
export async function startProbeCopy(
  context: Pm2Context,
  release: ReleaseId,
  launch: LaunchRecord,
  options: PrepareOptions,
): Promise<StartedRelease & { port: number }> {
  const port = await freePort()
  await stopRelease(context, release)
  const file = probeFile(release, launch, port)
  const started = await startUnit(context, release, file, options, 1, async () =>
    (await accepts(port)) ? 1 : 0,
  )
  return { ...started, port }
}

/** Starts a process file and waits for `ready` to count up to `wanted`; on failure nothing of it is left. */
async function startUnit(
  context: Pm2Context,
  release: ReleaseId,
  file: ProcessFile,
  options: PrepareOptions,
  wanted: number,
  ready: () => Promise<number>,
): Promise<StartedRelease> {
  const startedAt = context.clock.now()
  try {
    const command = launchFile(context, file, options.timeoutMs)
    // The instances are asked while the pm2 command is still on its way out; its failure ends the wait as well.
    const failure = command.then(
      () => null,
      (error: unknown) => error,
    )
    await waitReady(context, release, file, options, wanted, ready, failure)
    const bootMs = context.clock.now() - startedAt
    await command
    return { instances: wanted, bootMs }
  } catch (error) {
    await stopRelease(context, release)
    throw error
  }
}

async function waitReady(
  context: Pm2Context,
  release: ReleaseId,
  file: ProcessFile,
  options: PrepareOptions,
  wanted: number,
  ready: () => Promise<number>,
  failure: Promise<unknown>,
): Promise<void> {
  const { clock } = context
  const deadline = clock.now() + options.timeoutMs
  let failed: unknown = null
  let ended = false
  void failure.then((error) => {
    failed = error
    ended = true
  })
  let lookAt = clock.now() + CRASH_LOOK_MS
  for (;;) {
    const count = await ready()
    if (count >= wanted) return
    options.signal.throwIfAborted()
    if (failed !== null) throw failed
    const now = clock.now()
    if (ended && now >= lookAt) {
      await refuseCrashed(context, release, file)
      lookAt = clock.now() + CRASH_LOOK_MS
    }
    if (now >= deadline) throw await notReady(context, release, file, options.timeoutMs, count, wanted)
    await clock.sleep(POLL_MS, options.signal)
  }
}

async function refuseCrashed(context: Pm2Context, release: ReleaseId, file: ProcessFile): Promise<void> {
  const [{ name }] = file.apps
  const processes = (await context.program.list()).filter((process) => process.name === name)
  const crashed = processes.find(
    ({ restarts, status }) => restarts > 0 || status === 'errored' || status === 'stopped',
  )
  if (crashed === undefined) return
  const details = await tail(crashed.errorLog, 12)
  throw new OperatorError('CANDIDATE_CRASHED', { release, log: crashed.errorLog }, { details })
}

async function notReady(
  context: Pm2Context,
  release: ReleaseId,
  file: ProcessFile,
  timeoutMs: number,
  ready: number,
  wanted: number,
): Promise<OperatorError> {
  const [{ name }] = file.apps
  const process = (await context.program.list()).find((known) => known.name === name)
  const log = process?.errorLog ?? 'pm2 knows no log of it'
  const seconds = Math.round(timeoutMs / 100) / 10
  const details = await tail(log, 12)
  return new OperatorError(
    'CANDIDATE_NOT_READY',
    { release, seconds, ready, instances: wanted, log },
    { details },
  )
}

/** The file holds the environment, secrets included: private, and gone once PM2 has read it. */
async function launchFile(context: Pm2Context, file: ProcessFile, timeoutMs: number): Promise<void> {
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
  return (await listAgents(context.runFolder)).filter(({ socket }) => socket.release === release)
}

function isUsable({ status }: Agent): boolean {
  return status?.state === 'holding' || status?.state === 'listening'
}

export function logPath(context: Pm2Context, release: ReleaseId): string {
  return join(context.program.home, 'logs', `${unitName(context.app, release)}-error.log`)
}

export function probeLogPath(context: Pm2Context, release: ReleaseId): string {
  return join(context.program.home, 'logs', `${probeUnitName(context.app, release)}-error.log`)
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}

/** Something accepts connections there. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(500, () => end(false))
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}
